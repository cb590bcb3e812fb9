import type { SourceName } from '#libs/contracts';
import type { Database, Tx } from '#libs/database';
import { type PartitionId, schemaOf } from '../partitions.js';

/** At least a day, so that a database clock that leaps ahead by hours does not delete what views still need; a week for slow readers. */
const KEEP = '24 hours';
const KEEP_UNPASSED = '7 days';
const BATCH = 5_000;

/**
 * Deletes the numbered rows nobody needs, lowest numbers first and never with a hole, and notes how far on the partition row: a reader that
 * meets a missing number can tell retention from loss. What a group reader left for a week moves to its dead letters.
 */
export async function sweep(db: Database, source: SourceName): Promise<{ deleted: number; moved: number }> {
  const total = { deleted: 0, moved: 0 };
  const { rows } = await db.query<PartitionId & Record<string, unknown>>(
    `SELECT stream, partition FROM ${schemaOf(source)}.outbox_partition`,
  );
  for (const row of rows) {
    for (let more = true; more; ) {
      const done = await db.transaction((tx) => sweepBatch(tx, schemaOf(source), row.stream, row.partition));
      total.deleted += done.deleted;
      total.moved += done.moved;
      more = done.deleted === BATCH;
    }
  }
  return total;
}

async function sweepBatch(tx: Tx, s: string, stream: string, partition: number): Promise<{ deleted: number; moved: number }> {
  const of = [stream, partition];
  await tx.query(`SELECT FROM ${s}.outbox_partition WHERE stream = $1 AND partition = $2 FOR UPDATE`, of);
  const { rows } = await tx.query<{ upto: number | null }>(
    `WITH judged AS (
       SELECT o.pseq, o.created_at < lanyard.now() - interval '${KEEP_UNPASSED}' OR (o.created_at < lanyard.now() - interval '${KEEP}' AND (
         o.pseq <= p.passed OR NOT EXISTS (SELECT FROM ${s}.log_reader r WHERE r.stream = p.stream AND r.partition = p.partition))) AS done
       FROM ${s}.outbox_partition p JOIN ${s}.outbox o USING (stream, partition)
       WHERE p.stream = $1 AND p.partition = $2 AND o.pseq IS NOT NULL ORDER BY o.pseq LIMIT ${BATCH})
     SELECT max(pseq) AS upto FROM judged WHERE pseq < coalesce((SELECT min(pseq) FROM judged WHERE NOT done), 9223372036854775807)`,
    of,
  );
  const upto = rows[0]?.upto;
  if (upto === null || upto === undefined) return { deleted: 0, moved: 0 };
  const moved = await tx.query(
    `INSERT INTO ${s}.outbox_dead_letter
     SELECT r.reader, o.stream, o.partition, o.pseq, o.event_id, o.key, o.name, o.version, o.body, o.created_at, lanyard.now()
     FROM ${s}.outbox o JOIN ${s}.log_reader r USING (stream, partition)
     WHERE o.stream = $1 AND o.partition = $2 AND o.pseq <= $3 AND o.pseq > r.position ON CONFLICT DO NOTHING`,
    [...of, upto],
  );
  const deleted = await tx.query(`DELETE FROM ${s}.outbox WHERE stream = $1 AND partition = $2 AND pseq <= $3`, [...of, upto]);
  await tx.query(`UPDATE ${s}.outbox_partition SET swept = $3 WHERE stream = $1 AND partition = $2`, [...of, upto]);
  return { deleted: deleted.affected, moved: moved.affected };
}
