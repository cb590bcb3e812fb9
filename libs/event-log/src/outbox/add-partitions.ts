import { GROUP_READERS, type SourceName } from '#libs/contracts';
import type { Database } from '#libs/database';
import { schemaOf } from '../partitions.js';

/**
 * Gives the owner's streams as many partitions as its log has; never fewer, because rows keep the partition they were written with. Each added one is a new
 * epoch. An owner does it before it vouches, so that no view proves itself on half of them.
 */
export async function addPartitions(db: Database, source: SourceName, partitions: number): Promise<void> {
  const s = schemaOf(source);
  await db.transaction(async (tx) => {
    await tx.query(
      `INSERT INTO ${s}.outbox_partition (stream, partition) SELECT stream, n FROM unnest(ARRAY['revocations', 'events']) AS stream, generate_series(0, $1::int - 1) AS n
       ORDER BY stream, n ON CONFLICT DO NOTHING`,
      [partitions],
    );
    await tx.query(
      `INSERT INTO ${s}.log_reader (reader, stream, partition) SELECT reader, 'events', n FROM unnest($2::text[]) AS reader, generate_series(0, $1::int - 1) AS n
       ORDER BY reader, n ON CONFLICT DO NOTHING`,
      [partitions, [...GROUP_READERS[source]]],
    );
  });
}
