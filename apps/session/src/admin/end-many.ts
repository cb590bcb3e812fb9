import { Injectable } from '@nestjs/common';
import type { AdminInputOf, CallingClient } from '#libs/admin-api';
import type { RevocationEntry } from '#libs/contracts';
import { Database, type Sql } from '#libs/database';
import { AfterEnd } from '../sessions/after-end.js';
import { type EndedSession, EndPorts, endSessions } from '../sessions/end-sessions.js';
import type { endMany } from './session-routes.js';

export type EndManyRequest = AdminInputOf<typeof endMany>['body'];

export interface EndManyAnswer {
  ended: Pick<EndedSession, 'sid' | 'sub' | 'end_id' | 'ended_at'>[];
  remaining: boolean;
  confirmed: boolean;
}

/** Ends sessions by the batch: each call is one transaction of bounded size, its answer the progress, and the caller goes on while `remaining`. */
@Injectable()
export class EndMany {
  constructor(
    private readonly db: Database,
    private readonly ports: EndPorts,
    private readonly afterEnd: AfterEnd,
  ) {}

  async end(request: EndManyRequest, caller: CallingClient): Promise<EndManyAnswer> {
    const cause = { reason: request.reason, initiated_by: 'admin', actor: caller.actor } as const;
    const { batch, remaining } = await this.db.transaction(async (tx) => {
      const found = await activeOf(tx, request);
      const sids = found.slice(0, request.limit);
      return { batch: await endSessions(tx, this.ports, sids, cause), remaining: found.length > sids.length };
    });
    const { sessions } = batch;
    if (sessions.length === 0) return { ended: [], remaining, confirmed: await this.confirmAgain(request) };
    const confirmed = await this.afterEnd.announce(batch.entries, sessions);
    return { ended: sessions.map(({ sid, sub, end_id, ended_at }) => ({ sid, sub, end_id, ended_at })), remaining, confirmed };
  }

  /** A caller who lost the answer asks again, and is told whether what the first call did is true by now. */
  private async confirmAgain(request: EndManyRequest): Promise<boolean> {
    const { rows } = await this.db.query<{ sid: string; at: number; end_id: string }>(
      `SELECT s.sid, s.end_id, lanyard.now_ms() AS at FROM session s
       WHERE s.state = 'ended' AND s.ended_at > (SELECT lanyard.now()) - interval '1 minute'
         AND ($1::text[] IS NULL OR s.sid = ANY($1)) AND ($2::text IS NULL OR s.sub = $2)
         AND ($3::text IS NULL OR EXISTS (SELECT FROM participant p WHERE p.sid = s.sid AND p.client_id = $3))
       ORDER BY s.ended_at DESC LIMIT 1000`,
      [request.sids ?? null, request.sub ?? null, request.client_id ?? null],
    );
    if (rows.length === 0) return true;
    return this.afterEnd.announce(rows.map(({ sid, at, end_id }): RevocationEntry => ({ kind: 'session', id: sid, at, end_id })));
  }
}

/** One more than the batch, to know whether there is more. Along an index each, the oldest first where that is free. */
async function activeOf(sql: Sql, { sids, sub, client_id, limit }: EndManyRequest): Promise<string[]> {
  if (sids) return activeAmong(sql, [...new Set(sids)], limit);
  const [text, ...params] =
    sub !== undefined
      ? ["SELECT sid FROM session WHERE state = 'active' AND sub = $2 ORDER BY started_at, sid LIMIT $1", sub]
      : client_id !== undefined
        ? ['SELECT sid FROM participant WHERE left_at IS NULL AND client_id = $2 ORDER BY session_started_at, sid LIMIT $1', client_id]
        : ["SELECT sid FROM session WHERE state = 'active' ORDER BY started_at, sid LIMIT $1"];
  const { rows } = await sql.query<{ sid: string }>(text, [limit + 1, ...params]);
  return rows.map(({ sid }) => sid);
}

async function activeAmong(sql: Sql, sids: readonly string[], limit: number): Promise<string[]> {
  const { rows } = await sql.query<{ sid: string }>("SELECT sid FROM session WHERE sid = ANY($1::text[]) AND state = 'active' LIMIT $2", [
    sids,
    limit + 1,
  ]);
  return rows.map(({ sid }) => sid);
}
