import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { initiatorOf } from '../changes/actor.js';
import { AfterSubjectChange, type CommittedChange, type SubjectOutcome } from '../changes/after-subject-change.js';
import { eventOf, noSuchUser, publishRaised } from './publish-subject.js';

interface Switch {
  sub: string;
  disabled: boolean;
  actor: string;
}

/** An operator's switch. Both directions raise the generation: what was killed stays dead after re-enabling. */
@Injectable()
export class SetSubjectDisabled {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly after: AfterSubjectChange,
  ) {}

  async set(change: Switch): Promise<SubjectOutcome> {
    return this.after.announce(await this.db.transaction((tx) => this.write(tx, change)));
  }

  private async write(tx: Tx, { sub, disabled, actor }: Switch): Promise<CommittedChange> {
    const { rows } = await tx.query<{ gen: number }>(
      `UPDATE subject SET disabled = $2, gen = gen + 1, updated_at = lanyard.now()
       WHERE sub = $1 AND disabled IS DISTINCT FROM $2 AND ($2 OR NOT left_file) RETURNING gen`,
      [sub, disabled],
    );
    const [changed] = rows;
    if (!changed) return this.asItIs(tx, { sub, disabled, actor });
    const { gen } = changed;
    const change = disabled ? 'disabled' : 'enabled';
    await recordAudit(tx, [{ actor, action: `subject.${change}`, target: sub, reason: initiatorOf(actor, sub), details: { gen } }]);
    return publishRaised(tx, this.outbox, { sub, gen, change, actor });
  }

  /** A caller that lost the answer asks again: nothing is written, but all are told once more, so that `confirmed` means something. */
  private async asItIs(tx: Tx, { sub, disabled, actor }: Switch): Promise<CommittedChange> {
    const { rows } = await tx.query<{ gen: number; left_file: boolean; at: number }>(
      'SELECT gen, left_file, lanyard.now_ms() AS at FROM subject WHERE sub = $1',
      [sub],
    );
    const [row] = rows;
    if (!row) throw noSuchUser();
    const { gen, at } = row;
    if (!disabled && row.left_file)
      throw oauthError('conflict', { description: 'This user left the configuration file, which alone can bring it back.' });
    const changed = eventOf({ sub, gen, change: disabled ? 'disabled' : 'enabled', actor });
    return { changed, entries: [{ kind: 'subject', id: sub, gen, at }] };
  }
}
