import type { Sql } from '#libs/database';
import { DELIVERY_COLUMNS } from './list-deliveries.js';
import { SUMMARY } from './list-sessions.js';
import type { WholeSession } from './session-routes.js';

type Part<K extends 'participants' | 'deliveries'> = WholeSession[K][number];

/** All that is known of one session. null: no such session, or swept since. */
export async function wholeSession(sql: Sql, sid: string): Promise<WholeSession | null> {
  const { rows } = await sql.query<Omit<WholeSession, 'participants' | 'deliveries'>>(`SELECT ${SUMMARY} FROM session s WHERE s.sid = $1`, [
    sid,
  ]);
  const [session] = rows;
  if (!session) return null;
  const participants = await sql.query<Part<'participants'>>(
    `SELECT client_id, lanyard.ms(joined_at) AS joined_at, lanyard.ms(left_at) AS left_at, round FROM participant WHERE sid = $1
     ORDER BY joined_at, client_id`,
    [sid],
  );
  const deliveries = await sql.query<Omit<Part<'deliveries'>, 'tries'>>(
    `SELECT ${DELIVERY_COLUMNS} FROM delivery d WHERE d.sid = $1 ORDER BY d.delivery_id`,
    [sid],
  );
  const tries = await sql.query<Part<'deliveries'>['tries'][number] & { delivery_id: number }>(
    `SELECT a.delivery_id, a.jti, lanyard.ms(a.at) AS at, a.outcome, a.http_status, a.reason, a.took_ms
     FROM delivery_attempt a JOIN delivery d ON d.delivery_id = a.delivery_id WHERE d.sid = $1 ORDER BY a.at, a.jti`,
    [sid],
  );
  const triesOf = (delivery: number) =>
    tries.rows.filter(({ delivery_id }) => delivery_id === delivery).map(({ delivery_id: _, ...attempt }) => attempt);
  return {
    ...session,
    participants: participants.rows,
    deliveries: deliveries.rows.map((row) => ({ ...row, tries: triesOf(row.delivery_id) })),
  };
}
