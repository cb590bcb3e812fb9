import type { Sql } from '#libs/database';
import { PER_HOST } from './host-slots.js';

/** Longer than an attempt can take: client record 2 s, signature 2 s, receiver 5 s, writing the answer. */
const LEASE = '30 seconds';

export interface ClaimedDelivery {
  delivery_id: number;
  sid: string;
  sub: string;
  client_id: string;
  attempts: number;
  /** Of a cut: its grants come before its notice. */
  grants_due: boolean | null;
  /** Of this claim; also the logout token's `jti`, so that an attempt whose sender died is known by what it sent. */
  claim: string;
  /** Milliseconds, database clock, when claimed. */
  claimed_at: number;
  /** When its session ended: the row was written by that transaction. */
  created_at: number;
  /** The end it belongs to, for the log; null: one client was cut out of a session that goes on. */
  end_id: string | null;
  /** This process's monotonic time of the claim: elapsed time is counted from here. */
  taken: number;
}

/**
 * Takes due rows, no more of a client than it has free slots. The race: several instances claim at once; SKIP LOCKED gives each row to one,
 * and the lease (`due_at` moved forward) gives a crashed one's rows to the next. A claim found on a row here is an attempt that nobody
 * saw the end of: it is recorded as lost. Clients are walked along the index, so a receiver with a hundred thousand waiting rows costs
 * as much as one with ten.
 */
export async function claimDeliveries(
  sql: Sql,
  { limit, busy }: { limit: number; busy: readonly { client_id: string; free: number }[] },
): Promise<ClaimedDelivery[]> {
  const { rows } = await sql.query<Omit<ClaimedDelivery, 'taken'>>(CLAIM, [
    limit,
    busy.map(({ client_id }) => client_id),
    busy.map(({ free }) => free),
  ]);
  const taken = performance.now();
  return rows.map((row) => ({ ...row, taken }));
}

const CLAIM = `
  WITH RECURSIVE waiting AS (
    (SELECT client_id FROM delivery WHERE state = 'pending' ORDER BY client_id LIMIT 1)
    UNION ALL
    SELECT (SELECT d.client_id FROM delivery d WHERE d.state = 'pending' AND d.client_id > w.client_id ORDER BY d.client_id LIMIT 1)
    FROM waiting w WHERE w.client_id IS NOT NULL
  ), room AS (
    SELECT w.client_id, COALESCE(b.free, ${PER_HOST}) AS free
    FROM waiting w LEFT JOIN unnest($2::text[], $3::int[]) AS b (client_id, free) ON b.client_id = w.client_id
    WHERE w.client_id IS NOT NULL AND COALESCE(b.free, 1) > 0
    ORDER BY random()
  ), due AS (
    SELECT p.delivery_id, p.abandoned FROM room r CROSS JOIN LATERAL (
      SELECT d.delivery_id, d.claim AS abandoned FROM delivery d
      WHERE d.state = 'pending' AND d.client_id = r.client_id AND d.due_at <= (SELECT lanyard.now())
      ORDER BY d.due_at, d.delivery_id LIMIT r.free FOR UPDATE SKIP LOCKED
    ) p LIMIT $1
  ), clock AS MATERIALIZED (
    SELECT lanyard.now() AS now
  ), lost AS (
    INSERT INTO delivery_attempt (delivery_id, jti, at, outcome, reason, took_ms)
    SELECT due.delivery_id, due.abandoned, clock.now, 'lost', 'the sender stopped before it recorded an answer', 0 FROM due, clock
    WHERE due.abandoned IS NOT NULL ON CONFLICT DO NOTHING
  )
  UPDATE delivery d SET claim = gen_random_uuid()::text, due_at = clock.now + interval '${LEASE}',
    attempts = d.attempts + CASE WHEN due.abandoned IS NULL THEN 0 ELSE 1 END
  FROM due, clock WHERE d.delivery_id = due.delivery_id AND d.state = 'pending'
  RETURNING d.delivery_id, d.sid, d.sub, d.client_id, d.attempts, d.grants_due, d.claim, lanyard.ms(clock.now) AS claimed_at,
    lanyard.ms(d.created_at) AS created_at, (SELECT s.end_id FROM session s WHERE s.sid = d.sid) AS end_id`;
