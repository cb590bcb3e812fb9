import { Injectable } from '@nestjs/common';
import type { RevocationEntry } from '#libs/contracts';
import { Database } from '#libs/database';
import { AfterEnd } from './after-end.js';
import { type EndCause, type EndedBatch, EndPorts, endSessions } from './end-sessions.js';
import { judge } from './session.store.js';

export interface EndAnswer {
  ended: boolean;
  ended_at: number | null;
  end_id: string | null;
  confirmed: boolean;
}

/** Ends one session, or all of a subject: one transaction, then the hints, then the answer. */
@Injectable()
export class EndSession {
  constructor(
    private readonly db: Database,
    private readonly ports: EndPorts,
    private readonly afterEnd: AfterEnd,
  ) {}

  async end(sid: string, cause: EndCause): Promise<EndAnswer> {
    const batch = await this.db.transaction((tx) => endSessions(tx, this.ports, [sid], cause));
    const [session] = batch.sessions;
    if (!session) return this.alreadyEnded(sid);
    const confirmed = await this.afterEnd.announce(batch.entries, batch.sessions);
    return { ended: true, ended_at: session.ended_at, end_id: session.end_id, confirmed };
  }

  /** A session that starts while this runs is not among them: it is a generation that refuses what comes later. */
  async endAll(sub: string, exceptSid: string | null, cause: EndCause): Promise<{ sids: string[]; confirmed: boolean }> {
    const batch = await this.db.transaction(async (tx): Promise<EndedBatch> => {
      const { rows } = await tx.query<{ sid: string }>(
        "SELECT sid FROM session WHERE sub = $1 AND state = 'active' AND sid IS DISTINCT FROM $2",
        [sub, exceptSid],
      );
      return endSessions(
        tx,
        this.ports,
        rows.map(({ sid }) => sid),
        cause,
      );
    });
    if (batch.sessions.length === 0) return { sids: [], confirmed: await this.confirmLatest(sub, exceptSid) };
    const confirmed = await this.afterEnd.announce(batch.entries, batch.sessions);
    return { sids: batch.sessions.map(({ sid }) => sid), confirmed };
  }

  /**
   * The loser of a race, and the caller who lost the first answer, are told `confirmed` too, so their entry is sent again: the winner may
   * not have got that far. `at` is the present: later than the entry's own, which only keeps it longer.
   */
  private async alreadyEnded(sid: string): Promise<EndAnswer> {
    const { found, db_time } = await judge(this.db, 'sid', sid);
    if (!found || found.active) return { ended: false, ended_at: null, end_id: null, confirmed: false };
    const confirmed = await this.afterEnd.announce([{ kind: 'session', id: sid, at: db_time, end_id: found.end_id ?? undefined }]);
    return { ended: false, ended_at: found.ended_at, end_id: found.end_id, confirmed };
  }

  /** The same for a repeated "end all": what the lost first call ended, within the time in which callers retry. */
  private async confirmLatest(sub: string, exceptSid: string | null): Promise<boolean> {
    const { rows } = await this.db.query<{ sid: string; end_id: string; at: number }>(
      `SELECT sid, end_id, lanyard.now_ms() AS at FROM session
       WHERE sub = $1 AND state = 'ended' AND sid IS DISTINCT FROM $2 AND ended_at > (SELECT lanyard.now()) - interval '1 minute'`,
      [sub, exceptSid],
    );
    if (rows.length === 0) return true;
    return this.afterEnd.announce(rows.map(({ sid, end_id, at }): RevocationEntry => ({ kind: 'session', id: sid, at, end_id })));
  }
}
