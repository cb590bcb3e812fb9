import type { ServiceName, SourceName, StreamName } from '#libs/contracts';
import type { Database } from '#libs/database';
import { schemaOf } from '../partitions.js';

export interface PassedReport {
  reader: ServiceName;
  stream: StreamName;
  partition: number;
  position: number;
}

/**
 * The owner's side of a group reader's report (RELIABILITY 9): `passed` is the least of all readers, and what has not been passed is kept.
 * A position only rises; one beyond what was ever numbered is refused, because it was earned on another copy of this database. False:
 * refused, or no such reader.
 */
export async function recordPassed(db: Database, source: SourceName, report: PassedReport): Promise<boolean> {
  const s = schemaOf(source);
  const where = [report.stream, report.partition];
  return db.transaction(async (tx) => {
    const { rows } = await tx.query<{ last_pseq: number }>(
      `SELECT last_pseq FROM ${s}.outbox_partition WHERE stream = $1 AND partition = $2 FOR UPDATE`,
      where,
    );
    if (!rows[0] || report.position > Number(rows[0].last_pseq)) return false;
    const known = await tx.query(
      `UPDATE ${s}.log_reader SET position = greatest(position, $4), reported_at = lanyard.now()
       WHERE stream = $1 AND partition = $2 AND reader = $3`,
      [...where, report.reader, report.position],
    );
    if (known.affected === 0) return false;
    await tx.query(
      `UPDATE ${s}.outbox_partition SET passed = (SELECT min(position) FROM ${s}.log_reader WHERE stream = $1 AND partition = $2)
       WHERE stream = $1 AND partition = $2`,
      where,
    );
    return true;
  });
}
