import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { recordAudit } from '../audit/record-audit.js';
import { initiatorOf } from '../changes/actor.js';
import { AfterSubjectChange, type CommittedChange, type SubjectOutcome } from '../changes/after-subject-change.js';
import { noSuchUser, publishRaised } from './publish-subject.js';

/** Everything that hangs from a user, at once: sessions, online and offline grants, tokens. The account stays as it is. */
@Injectable()
export class RevokeSubject {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly after: AfterSubjectChange,
  ) {}

  async revoke({ sub, actor }: { sub: string; actor: string }): Promise<SubjectOutcome> {
    return this.after.announce(await this.db.transaction((tx) => this.write(tx, sub, actor)));
  }

  private async write(tx: Tx, sub: string, actor: string): Promise<CommittedChange> {
    const { rows } = await tx.query<{ gen: number }>(
      'UPDATE subject SET gen = gen + 1, updated_at = lanyard.now() WHERE sub = $1 RETURNING gen',
      [sub],
    );
    const [raised] = rows;
    if (!raised) throw noSuchUser();
    const { gen } = raised;
    await recordAudit(tx, [{ actor, action: 'subject.revoked_all', target: sub, reason: initiatorOf(actor, sub), details: { gen } }]);
    return publishRaised(tx, this.outbox, { sub, gen, change: 'revoked_all', actor });
  }
}
