import { Injectable } from '@nestjs/common';
import { END_REASON_OF_CHANGE, type EventPayload } from '#libs/contracts';
import { Database, type Tx } from '#libs/database';
import { handleOnce } from '#libs/event-log';
import { AfterEnd } from '../sessions/after-end.js';
import { type EndedBatch, EndPorts, endSessions } from '../sessions/end-sessions.js';
import { claimGeneration, keepThrough } from '../sessions/subject-generation.store.js';

type SubjectChanged = EventPayload<'SubjectChanged'>;

const NOTHING: EndedBatch = { sessions: [], entries: [] };
/** In parts: a statement that hits its time limit would be tried for ever, and hold back every event behind this one. */
const AT_ONCE = 500;

/** Ends a subject's sessions that pin a lower generation than the one it has now, for the reason for which it was raised. */
@Injectable()
export class EndOutdated {
  constructor(
    private readonly db: Database,
    private readonly ports: EndPorts,
    private readonly afterEnd: AfterEnd,
  ) {}

  /** By the event. Repeated deliveries find its id recorded and do nothing. */
  async end(eventId: string, changed: SubjectChanged): Promise<void> {
    const batch = await this.db.transaction(async (tx) => ((await handleOnce(tx, 'session', eventId)) ? this.write(tx, changed) : NOTHING));
    await this.ports.checkpoints.reach('session.signal.after-commit');
    this.tellViews(batch);
  }

  /** By the one who changed the subject. The event comes as well, before or after, and finds nothing left to do. Answers how many ended. */
  async endNow(changed: SubjectChanged): Promise<number> {
    const batch = await this.db.transaction((tx) => this.write(tx, changed));
    this.tellViews(batch);
    return batch.sessions.length;
  }

  /**
   * The race: this and a login that still pins the old generation. Both take the subject's row first: either this finds the new session, or
   * the login finds the new generation (StartSession).
   */
  private async write(tx: Tx, changed: SubjectChanged): Promise<EndedBatch> {
    const { sub, gen, keep_sid } = changed;
    const reason = END_REASON_OF_CHANGE[changed.change];
    if (!reason) return NOTHING;
    await claimGeneration(tx, sub, gen);
    await this.ports.checkpoints.reach('session.signal.after-generation');
    if (keep_sid !== undefined) await keepThrough(tx, { sub, gen, sid: keep_sid });
    const { rows } = await tx.query<{ sid: string }>(
      "SELECT sid FROM session WHERE sub = $1 AND state = 'active' AND subject_gen < $2 ORDER BY sid",
      [sub, gen],
    );
    const cause = { reason, initiated_by: changed.initiated_by ?? 'policy', actor: changed.actor ?? null };
    const ended: EndedBatch = { sessions: [], entries: [] };
    for (let from = 0; from === 0 || from < rows.length; from += AT_ONCE) {
      const sids = rows.slice(from, from + AT_ONCE).map(({ sid }) => sid);
      const { sessions, entries } = await endSessions(tx, this.ports, sids, cause);
      for (const session of sessions) ended.sessions.push(session);
      for (const entry of entries) ended.entries.push(entry);
    }
    return ended;
  }

  /** Neither the event's position nor the changer waits for it: the subject's own entry refuses these sessions' tokens already. */
  private tellViews({ entries, sessions }: EndedBatch): void {
    void this.afterEnd.announce(entries, sessions).catch(() => false);
  }
}
