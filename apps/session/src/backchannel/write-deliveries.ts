import type { Tx } from '#libs/database';

/** How long a receiver that can't be reached is tried (SECURITY.md, Logout sender). */
const GIVE_UP_AFTER = '24 hours';

/**
 * One row per participant of each session just ended, in the end's own transaction. The race: this must be a statement of its own after
 * the UPDATE: one statement for both would not see a participant that committed while the UPDATE waited for its row (RELIABILITY.md 2).
 */
export async function writeDeliveries(tx: Tx, ended: readonly { sid: string; sub: string }[]): Promise<void> {
  await tx.query(
    `INSERT INTO delivery (sid, client_id, sub, state, attempts, created_at, due_at, give_up_at)
     SELECT p.sid, p.client_id, e.sub, 'pending', 0, c.now, c.now, c.now + interval '${GIVE_UP_AFTER}'
     FROM unnest($1::text[], $2::text[]) AS e (sid, sub) JOIN participant p ON p.sid = e.sid
       CROSS JOIN (SELECT lanyard.now() AS now OFFSET 0) c
     ON CONFLICT (sid, client_id) DO NOTHING`,
    [ended.map(({ sid }) => sid), ended.map(({ sub }) => sub)],
  );
}
