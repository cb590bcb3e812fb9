import type { Sql } from '#libs/database';
import type { HashKey } from '../hashed-key.js';
import type { Once } from '../once.js';

/** The insert or the takeover of an expired mark returns a row; a live mark returns none. */
const MARK = `
  INSERT INTO ephemeral.mark AS m (namespace, key, expires_at)
  VALUES ($1, $2, lanyard.now() + $3 * interval '1 millisecond')
  ON CONFLICT (namespace, key) DO UPDATE SET expires_at = excluded.expires_at WHERE m.expires_at <= lanyard.now()
  RETURNING 1 AS won`;

/** DO UPDATE, not DO NOTHING: the row of a concurrent first caller must be returned, not skipped. */
const BORN = `
  INSERT INTO ephemeral.born AS b (at) VALUES (lanyard.now())
  ON CONFLICT (singleton) DO UPDATE SET at = b.at
  RETURNING extract(epoch FROM at)::float8 * 1000 AS at`;

export class PostgresOnce implements Once {
  constructor(
    private readonly sql: Sql,
    private readonly namespace: string,
    private readonly hash: HashKey,
  ) {}

  async mark(key: string, ttlMs: number): Promise<boolean> {
    const { rows } = await this.sql.query(MARK, [this.namespace, this.hash(key), ttlMs]);
    return rows.length === 1;
  }

  async bornAt(): Promise<number> {
    const known = await this.sql.query<{ at: number }>('SELECT extract(epoch FROM at)::float8 * 1000 AS at FROM ephemeral.born');
    const row = known.rows[0] ?? (await this.sql.query<{ at: number }>(BORN)).rows[0];
    if (!row) throw new Error('the store of once-marks has no birth');
    return Math.ceil(row.at);
  }
}
