import type { Tx } from '#libs/database';

/** How long a receiver that can't be reached is tried (SECURITY.md, Logout sender). */
export const GIVE_UP_AFTER = '24 hours';

/**
 * One row per participant of each session just ended, in the end's own transaction. The race: this must be a statement of its own after
 * the UPDATE: one statement for both would not see a participant that committed while the UPDATE waited for its row (RELIABILITY.md 2).
 * Who was cut out before has its notice already.
 */
export async function writeDeliveries(tx: Tx, ended: readonly { sid: string; sub: string }[]): Promise<void> {
  await tx.query(
    `WITH leaving AS (
       UPDATE participant p SET left_at = c.now FROM unnest($1::text[], $2::text[]) AS e (sid, sub), ${NOW}
       WHERE p.sid = e.sid AND p.left_at IS NULL RETURNING p.sid, p.client_id, p.round, e.sub, c.now
     )
     INSERT INTO delivery (sid, client_id, sub, round, state, attempts, created_at, due_at, give_up_at)
     SELECT sid, client_id, sub, round, 'pending', 0, now, now, now + interval '${GIVE_UP_AFTER}' FROM leaving
     ON CONFLICT (sid, client_id, round) DO NOTHING`,
    [ended.map(({ sid }) => sid), ended.map(({ sub }) => sub)],
  );
}

/** One client leaves, the session goes on. Answers the delivery; null: it does not take part. The caller holds the session's row. */
export async function cutParticipant(tx: Tx, sid: string, clientId: string): Promise<number | null> {
  const { rows } = await tx.query<{ delivery_id: number }>(
    `WITH leaving AS (
       UPDATE participant p SET left_at = c.now FROM session s, ${NOW}
       WHERE p.sid = $1 AND p.client_id = $2 AND p.left_at IS NULL AND s.sid = p.sid RETURNING p.sid, p.client_id, p.round, s.sub, c.now
     )
     INSERT INTO delivery (sid, client_id, sub, round, state, attempts, created_at, due_at, give_up_at, grants_due)
     SELECT sid, client_id, sub, round, 'pending', 0, now, now, now + interval '${GIVE_UP_AFTER}', true FROM leaving RETURNING delivery_id`,
    [sid, clientId],
  );
  return rows[0]?.delivery_id ?? null;
}

const NOW = '(SELECT lanyard.now() AS now OFFSET 0) c';
