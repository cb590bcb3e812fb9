import type { RevocationEntry, SourceName } from '#libs/contracts';
import { randomId, type Tx } from '#libs/database';
import { PARTITIONS, schemaOf } from '../partitions.js';
import { type Change, entryOf, rowsOf } from './change.js';

/**
 * The only way out: a change and what it publishes commit together or not at all. One INSERT with one clock reading for all rows, because
 * `unpassed_since` is the time of an events row and an entry may be dropped only before it: were the event stamped later than the entry,
 * a generation could leave the set while a reader still has its event before it.
 */
export class Outbox {
  /** `partitions`: as many as the owner's streams have (`addPartitions`). */
  constructor(
    private readonly source: SourceName,
    private readonly partitions: number = PARTITIONS,
  ) {}

  /** Answers with the entries as they were written: what hints carry once the transaction has committed. */
  async add(tx: Tx, change: Change): Promise<RevocationEntry[]> {
    const rows = rowsOf(this.source, change, this.partitions);
    if (rows.length === 0) return [];
    const { rows: written } = await tx.query<{ at: number }>(
      `WITH stamp AS MATERIALIZED (SELECT date_trunc('milliseconds', lanyard.now()) AS at)
       INSERT INTO ${schemaOf(this.source)}.outbox (stream, partition, event_id, key, name, version, body, created_at)
       SELECT r.stream, r.partition, r.event_id, r.key, r.name, r.version, r.body::jsonb, stamp.at
       FROM stamp, unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::int[], $7::text[])
         WITH ORDINALITY AS r(stream, partition, event_id, key, name, version, body, n)
       ORDER BY r.n
       RETURNING lanyard.ms(created_at) AS at`,
      [
        rows.map((row) => row.stream),
        rows.map((row) => row.partition),
        rows.map(() => randomId()),
        rows.map((row) => row.key),
        rows.map((row) => row.name),
        rows.map((row) => row.version),
        rows.map((row) => row.body),
      ],
    );
    const at = Number(written[0]?.at);
    return (change.revocations ?? []).map((draft) => entryOf(draft, at));
  }
}
