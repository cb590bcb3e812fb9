import type { Tx } from '#libs/database';
import { type EndCause, type EndedBatch, type EndPorts, endSessions } from './end-sessions.js';
import { CLOCK } from './session.store.js';

const LIMIT: EndCause = { reason: 'session_limit', initiated_by: 'policy', actor: null };

/**
 * Makes room for one more session of a user who may have `limit`: the oldest end, in the transaction in which the new one starts. The race: the
 * caller holds the subject's row (claimGeneration), so two logins at once count one after the other and never both find room.
 */
export async function endBeyondLimit(tx: Tx, ports: EndPorts, sub: string, limit: number): Promise<EndedBatch> {
  if (limit === 0) return { sessions: [], entries: [] };
  const { rows } = await tx.query<{ sid: string }>(
    `SELECT s.sid FROM session s, ${CLOCK} WHERE s.sub = $1 AND s.state = 'active' AND s.idle_deadline > c.now
     ORDER BY s.started_at DESC, s.sid DESC OFFSET $2`,
    [sub, limit - 1],
  );
  const sids = rows.map(({ sid }) => sid);
  return endSessions(tx, ports, sids, LIMIT);
}
