import type { Sql } from '#libs/database';
import type { Counter, CounterState, Limit } from '../counter.js';
import type { HashKey } from '../hashed-key.js';

/** `started_at` carries the statement's one reading of the clock into the conflict branch: two readings could straddle the window's end. */
const HIT = `
  INSERT INTO ephemeral.counter AS c (namespace, key, hits, started_at, ends_at)
  SELECT $1, $2, 1, clock.t, clock.t + $3 * interval '1 millisecond' FROM (SELECT lanyard.now() AS t) clock
  ON CONFLICT (namespace, key) DO UPDATE SET
    hits = CASE WHEN c.ends_at <= excluded.started_at THEN 1 ELSE least(c.hits, $4) + 1 END,
    started_at = CASE WHEN c.ends_at <= excluded.started_at THEN excluded.started_at ELSE c.started_at END,
    ends_at = CASE WHEN c.ends_at <= excluded.started_at THEN excluded.ends_at ELSE c.ends_at END
  RETURNING c.hits AS count, ceil(extract(epoch FROM c.ends_at - lanyard.now()) * 1000)::float8 AS left_ms`;

const PEEK = `
  SELECT hits AS count, left_ms FROM (
    SELECT hits, ceil(extract(epoch FROM ends_at - lanyard.now()) * 1000)::float8 AS left_ms
    FROM ephemeral.counter WHERE namespace = $1 AND key = $2) c
  WHERE left_ms > 0`;

interface Row {
  count: number;
  left_ms: number;
}

export class PostgresCounter implements Counter {
  constructor(
    private readonly sql: Sql,
    private readonly namespace: string,
    private readonly hash: HashKey,
  ) {}

  async hit(key: string, { limit, windowMs }: Limit): Promise<CounterState> {
    const { rows } = await this.sql.query<Row & Record<string, unknown>>(HIT, [this.namespace, this.hash(key), windowMs, limit]);
    const row = rows[0];
    if (!row) throw new Error('a counter returned no row');
    return { count: row.count, retryAfterMs: row.count > limit ? Math.max(1, row.left_ms) : null };
  }

  async peek(key: string, { limit }: Limit): Promise<CounterState> {
    const { rows } = await this.sql.query<Row & Record<string, unknown>>(PEEK, [this.namespace, this.hash(key)]);
    const row = rows[0];
    if (!row) return { count: 0, retryAfterMs: null };
    return { count: row.count, retryAfterMs: row.count >= limit ? row.left_ms : null };
  }

  async reset(key: string): Promise<void> {
    await this.sql.query('DELETE FROM ephemeral.counter WHERE namespace = $1 AND key = $2', [this.namespace, this.hash(key)]);
  }
}
