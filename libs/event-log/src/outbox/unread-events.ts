import type { SourceName } from '#libs/contracts';
import type { Sql, Tx } from '#libs/database';
import { schemaOf } from '../partitions.js';

/** An event that retention moved away before a group reader had read it. Times: ms, database clock. */
export interface UnreadEvent {
  reader: string;
  partition: number;
  position: number;
  event_id: string;
  name: string;
  key: string;
  created_at: number;
  moved_at: number;
}

/** Where a page ended. */
export type UnreadPlace = readonly [reader: string, partition: number, position: number];
/** Those named, or the first `limit` of all, in the order of the log. */
export type UnreadChoice = { readonly eventIds: readonly string[] } | { readonly limit: number };
type Replayed = Pick<UnreadEvent, 'event_id' | 'name' | 'key'>;

/**
 * What an owner's retention kept whole because a reader was away for a week. Replaying puts the event into the log again, under its own id and a new number:
 * the reader that missed it gets it as any other, whichever log carries it, and one that has handled it passes it over or handles it again,
 * which changes nothing.
 */
export class UnreadEvents {
  private readonly schema: string;

  constructor(source: SourceName) {
    this.schema = schemaOf(source);
  }

  /** By reader, in the order of the log. */
  async list(sql: Sql, { after, limit }: { after: UnreadPlace | null; limit: number }): Promise<UnreadEvent[]> {
    const { rows } = await sql.query<UnreadEvent>(
      `SELECT reader, partition, pseq::float8 AS position, event_id, name, key, lanyard.ms(created_at) AS created_at, lanyard.ms(moved_at) AS moved_at
       FROM ${this.schema}.outbox_dead_letter
       WHERE stream = 'events' AND ($1::text IS NULL OR (reader, partition, pseq) > ($1, $2::int, $3::bigint))
       ORDER BY reader, partition, pseq LIMIT $4`,
      [...(after ?? [null, null, null]), limit],
    );
    return rows;
  }

  /** One event of two readers goes once: all read it. */
  async replay(tx: Tx, choice: UnreadChoice): Promise<{ replayed: Replayed[]; remaining: boolean }> {
    const [eventIds, limit] = 'limit' in choice ? [null, choice.limit] : [choice.eventIds, null];
    const { rows: replayed } = await tx.query<Replayed & Record<string, unknown>>(
      `WITH stamp AS MATERIALIZED (SELECT date_trunc('milliseconds', lanyard.now()) AS at),
       picked AS (SELECT reader, partition, pseq FROM ${this.schema}.outbox_dead_letter
         WHERE stream = 'events' AND ($1::text[] IS NULL OR event_id = ANY($1)) ORDER BY partition, pseq, reader LIMIT $2 FOR UPDATE),
       taken AS (DELETE FROM ${this.schema}.outbox_dead_letter d USING picked p
         WHERE d.stream = 'events' AND d.reader = p.reader AND d.partition = p.partition AND d.pseq = p.pseq RETURNING d.*),
       events AS (SELECT DISTINCT ON (partition, pseq) * FROM taken ORDER BY partition, pseq)
       INSERT INTO ${this.schema}.outbox (stream, partition, event_id, key, name, version, body, created_at)
       SELECT stream, partition, event_id, key, name, version, body, stamp.at FROM events, stamp ORDER BY partition, pseq
       RETURNING event_id, name, key`,
      [eventIds, limit],
    );
    const { rows: left } = await tx.query(`SELECT FROM ${this.schema}.outbox_dead_letter WHERE stream = 'events' LIMIT 1`);
    return { replayed, remaining: left.length > 0 };
  }
}
