import type { Tx } from '#libs/database';

/**
 * Under a lock of the active session row only: see Truth.withParticipant. A client that had been cut out takes part anew, in a round of its own:
 * the end owes it another notice.
 */
export async function recordParticipant(tx: Tx, sid: string, clientId: string): Promise<void> {
  await tx.query(
    `INSERT INTO participant AS p (sid, client_id, joined_at, session_started_at, round)
     SELECT s.sid, $2, lanyard.now(), s.started_at, 1 FROM session s WHERE s.sid = $1
     ON CONFLICT (sid, client_id) DO UPDATE SET joined_at = excluded.joined_at, round = p.round + 1, left_at = NULL WHERE p.left_at IS NOT NULL`,
    [sid, clientId],
  );
}
