import { Injectable } from '@nestjs/common';
import type { RevocationEntry } from '#libs/contracts';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { AfterChange } from '../changes/after-change.js';

export interface DisablingOutcome {
  gen: number;
  /** Every registered view refuses the generations before. */
  confirmed: boolean;
}

/** An operator's switch. Both directions raise the generation: what was killed stays dead after re-enabling. */
@Injectable()
export class SetSubjectDisabled {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly after: AfterChange,
  ) {}

  async set({ sub, disabled, actor }: { sub: string; disabled: boolean; actor: string }): Promise<DisablingOutcome> {
    const { gen, entries } = await this.db.transaction((tx) => this.write(tx, { sub, disabled, actor }));
    return { gen, confirmed: await this.after.announce(entries) };
  }

  private async write(tx: Tx, { sub, disabled, actor }: { sub: string; disabled: boolean; actor: string }) {
    const { rows } = await tx.query<{ gen: number }>(
      `UPDATE subject SET disabled = $2, gen = gen + 1, updated_at = lanyard.now()
       WHERE sub = $1 AND disabled IS DISTINCT FROM $2 RETURNING gen`,
      [sub, disabled],
    );
    const [changed] = rows;
    if (!changed) return this.asItIs(tx, sub);
    const { gen } = changed;
    const change = disabled ? 'disabled' : 'enabled';
    await recordAudit(tx, [{ actor, action: `subject.${change}`, target: sub, reason: null, details: { gen } }]);
    const entries = await this.outbox.add(tx, {
      events: [{ name: 'SubjectChanged', payload: { sub, gen, change } }],
      revocations: [{ kind: 'subject', id: sub, gen }],
    });
    return { gen, entries };
  }

  /** A caller that lost the answer asks again: nothing is written, but the views are told once more, so that `confirmed` means something. */
  private async asItIs(tx: Tx, sub: string): Promise<{ gen: number; entries: RevocationEntry[] }> {
    const { rows } = await tx.query<{ gen: number; at: number }>('SELECT gen, lanyard.now_ms() AS at FROM subject WHERE sub = $1', [sub]);
    const [row] = rows;
    if (!row) throw oauthError('not_found', { description: 'There is no such subject.' });
    return { gen: row.gen, entries: [{ kind: 'subject', id: sub, gen: row.gen, at: row.at }] };
  }
}
