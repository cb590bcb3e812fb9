import { Injectable } from '@nestjs/common';
import type { EndReason, EventPayload } from '#libs/contracts';
import { Database } from '#libs/database';
import { handleOnce } from '#libs/event-log';
import { AfterEnd } from '../sessions/after-end.js';
import { EndPorts, endSessions } from '../sessions/end-sessions.js';
import { claimGeneration } from '../sessions/subject-generation.store.js';

type SubjectChanged = EventPayload<'SubjectChanged'>;

/** Only these raise the generation. A re-enabled account starts anew: nothing from before it comes back. */
const REASONS: Partial<Record<SubjectChanged['change'], EndReason>> = {
  disabled: 'subject_disabled',
  enabled: 'subject_revoked',
  revoked_all: 'subject_revoked',
  password_changed: 'password_changed',
};

/** Ends a subject's sessions that pin a lower generation than the one it has now. */
@Injectable()
export class EndOutdated {
  constructor(
    private readonly db: Database,
    private readonly ports: EndPorts,
    private readonly afterEnd: AfterEnd,
  ) {}

  /**
   * The race: this and a login that still pins the old generation. Both take the subject's row first: either this finds the new session, or
   * the login finds the new generation (StartSession). Repeated deliveries of the event find its id recorded and do nothing.
   */
  async end(eventId: string, { sub, gen, change }: SubjectChanged): Promise<void> {
    const reason = REASONS[change];
    if (!reason) return;
    const entries = await this.db.transaction(async (tx) => {
      if (!(await handleOnce(tx, 'session', eventId))) return [];
      await claimGeneration(tx, sub, gen);
      await this.ports.checkpoints.reach('session.signal.after-generation');
      const { rows } = await tx.query<{ sid: string }>("SELECT sid FROM session WHERE sub = $1 AND state = 'active' AND subject_gen < $2", [
        sub,
        gen,
      ]);
      const batch = await endSessions(
        tx,
        this.ports,
        rows.map(({ sid }) => sid),
        { reason, initiated_by: 'policy', actor: null },
      );
      return batch.entries;
    });
    await this.ports.checkpoints.reach('session.signal.after-commit');
    // The position must not wait for the views; the log tells them anyway.
    void this.afterEnd.announce(entries).catch(() => false);
  }
}
