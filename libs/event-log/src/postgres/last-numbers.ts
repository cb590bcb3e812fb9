import type { SourceName, StreamName } from '#libs/contracts';
import { schemaOf } from '../partitions.js';
import type { LogQueries } from './log-connection.js';

/** What the owner has numbered, per partition: the end of the log, whatever carries it. A few rows, by their key. */
export async function lastNumbers(connection: LogQueries, source: SourceName, stream: StreamName): Promise<ReadonlyMap<number, number>> {
  const rows = await connection.query<{ partition: number; last_pseq: string }>(
    `SELECT partition, last_pseq FROM ${schemaOf(source)}.outbox_partition WHERE stream = $1`,
    [stream],
  );
  return new Map(rows.map(({ partition, last_pseq }) => [partition, Number(last_pseq)]));
}
