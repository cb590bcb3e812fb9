import type { Sql } from '#libs/database';
import type { ClaimedDelivery } from './claim-deliveries.js';
import type { DeliveryState } from './delivery.entity.js';
import type { Outcome } from './outcome.js';
import { retryDelay } from './retry-schedule.js';

type Claimed = Pick<ClaimedDelivery, 'delivery_id' | 'claim'>;

/**
 * Records an attempt and what follows from it; answers the delivery's state, null when it was no longer this sender's to decide. The race:
 * a sender that lost its lease finishes late. A success is a success whoever holds the row; anything else it may not schedule.
 */
export async function settleAttempt(
  sql: Sql,
  delivery: Claimed & Pick<ClaimedDelivery, 'attempts'>,
  outcome: Outcome,
  tookMs: number,
): Promise<DeliveryState | null> {
  const delay = outcome.kind === 'retry' ? retryDelay(delivery.attempts, outcome.retryAfter) : 0;
  const reason = outcome.kind === 'delivered' ? null : outcome.reason;
  const { rows } = await sql.query<{ state: DeliveryState }>(SETTLE, [
    delivery.delivery_id,
    delivery.claim,
    outcome.kind,
    outcome.status,
    reason,
    Math.round(tookMs),
    delay,
  ]);
  return rows[0]?.state ?? null;
}

const SETTLE = `
  WITH clock AS MATERIALIZED (
    SELECT lanyard.now() AS now
  ), attempt AS (
    INSERT INTO delivery_attempt (delivery_id, jti, at, outcome, http_status, reason, took_ms)
    SELECT $1::bigint, $2::text, clock.now, $3::text, $4::int, $5::text, $6::int FROM clock
    ON CONFLICT (delivery_id, jti) DO UPDATE SET outcome = excluded.outcome, http_status = excluded.http_status,
      reason = excluded.reason, took_ms = excluded.took_ms
  ), verdict AS (
    SELECT clock.now, CASE WHEN $3 = 'retry' AND clock.now < d.give_up_at THEN 'pending' WHEN $3 = 'retry' THEN 'dead' ELSE $3 END AS state,
      CASE WHEN $3 = 'retry' AND clock.now >= d.give_up_at THEN 'gave up after 24 h, last: ' || $5::text ELSE $5::text END AS reason
    FROM clock, delivery d WHERE d.delivery_id = $1
  )
  UPDATE delivery d SET state = v.state, reason = v.reason, attempts = d.attempts + 1, claim = NULL,
    due_at = LEAST(v.now + $7::float8 * interval '1 second', GREATEST(d.give_up_at, v.now)),
    finished_at = CASE WHEN v.state = 'pending' THEN NULL ELSE v.now END
  FROM verdict v WHERE d.delivery_id = $1 AND d.state = 'pending' AND ($3 = 'delivered' OR d.claim = $2)
  RETURNING d.state`;

/** Ends a delivery without an attempt: there is nowhere to send it. */
export async function closeDelivery(
  sql: Sql,
  { delivery_id, claim }: Claimed,
  state: 'not_applicable' | 'dead',
  reason: string,
): Promise<boolean> {
  const { affected } = await sql.query(
    `UPDATE delivery SET state = $3, reason = $4, claim = NULL, finished_at = lanyard.now()
     WHERE delivery_id = $1 AND claim = $2 AND state = 'pending'`,
    [delivery_id, claim, state, reason],
  );
  return affected === 1;
}

/** Gives the row back: nothing was sent, so nothing counts as an attempt, and the 24 hours are judged only when one fails. */
export async function giveBack(sql: Sql, { delivery_id, claim }: Claimed, delaySeconds: number, reason: string | null): Promise<void> {
  await sql.query(
    `UPDATE delivery SET claim = NULL, due_at = lanyard.now() + $3::float8 * interval '1 second', reason = COALESCE($4, reason)
     WHERE delivery_id = $1 AND claim = $2 AND state = 'pending'`,
    [delivery_id, claim, delaySeconds, reason],
  );
}
