import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import type { SourceName } from '#libs/contracts';
import { type Database, sqlState, type Tx } from '#libs/database';
import { LOG_CHANNEL, type PartitionId, schemaOf } from '../partitions.js';
import { numberRows } from './number-rows.js';

export interface StepResult extends PartitionId {
  /** What a watermark of this step says: numbers up to `last` in this epoch hold all that was committed before the ticket was drawn. */
  epoch: string;
  ticket: number;
  numbered: number;
  last: number;
}

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * One step on one partition (RELIABILITY 3). Null: another relay holds the lock and is doing this very work, or nobody has vouched for the
 * epoch: in a copy just put in place, numbers given before its owner looks would hide that it is behind its witness.
 * The timeouts bound what a relay that was stopped in the middle can hold up.
 */
export async function relayStep(
  db: Database,
  source: SourceName,
  id: PartitionId,
  number = numberRows,
  checkpoints = NO_CHECKPOINTS,
): Promise<StepResult | null> {
  try {
    const result = await db.transaction((tx) => numberPartition(tx, source, id, number, checkpoints));
    // Never inside a business transaction: NOTIFY takes a database-wide lock at commit.
    if (result === null) return null;
    if (result.numbered > 0) {
      await checkpoints.reach('event-log.relay.before-notify');
      await db.query('SELECT pg_notify($1, $2)', [LOG_CHANNEL, source]);
    }
    return result;
  } catch (error) {
    if (sqlState(error) === LOCK_NOT_AVAILABLE) return null;
    throw error;
  }
}

async function numberPartition(
  tx: Tx,
  source: SourceName,
  { stream, partition }: PartitionId,
  number: typeof numberRows,
  checkpoints: Checkpoints,
): Promise<StepResult | null> {
  const s = schemaOf(source);
  await tx.query("SET LOCAL lock_timeout = '1s'");
  await tx.query("SET LOCAL idle_in_transaction_session_timeout = '2s'");
  const locked = await tx.query<{ last_pseq: number }>(
    `SELECT last_pseq FROM ${s}.outbox_partition WHERE stream = $1 AND partition = $2
       AND EXISTS (SELECT FROM ${s}.log_epoch_vouched v WHERE v.epoch = ${s}.log_epoch() AND v.refused IS DISTINCT FROM v.epoch) FOR UPDATE`,
    [stream, partition],
  );
  if (!locked.rows[0]) return null;
  const last = Number(locked.rows[0].last_pseq);
  // A statement of its own, before the snapshot that reads the rows: what committed before this ticket was drawn is in that snapshot.
  const drawn = await tx.query<{ ticket: number; epoch: string }>(`SELECT nextval('${s}.log_ticket') AS ticket, ${s}.log_epoch() AS epoch`);
  const found = await tx.query<{ row_id: number }>(`SELECT row_id FROM ${s}.outbox WHERE stream = $1 AND partition = $2 AND pseq IS NULL`, [
    stream,
    partition,
  ]);
  const plan = number(
    last,
    found.rows.map((row) => Number(row.row_id)),
  );
  if (plan.rowIds.length > 0) {
    await checkpoints.reach('event-log.relay.after-ticket');
    await tx.query(
      `UPDATE ${s}.outbox o SET pseq = n.pseq FROM unnest($1::bigint[], $2::bigint[]) AS n(row_id, pseq) WHERE o.row_id = n.row_id`,
      [plan.rowIds, plan.numbers],
    );
    await checkpoints.reach('event-log.relay.after-numbers');
    await tx.query(`UPDATE ${s}.outbox_partition SET last_pseq = $3 WHERE stream = $1 AND partition = $2`, [stream, partition, plan.last]);
    await checkpoints.reach('event-log.relay.before-commit');
  }
  const { ticket, epoch = '' } = drawn.rows[0] ?? {};
  return { stream, partition, epoch, ticket: Number(ticket), numbered: plan.rowIds.length, last: plan.last };
}
