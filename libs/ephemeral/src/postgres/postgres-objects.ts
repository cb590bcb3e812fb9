import type { Sql } from '#libs/database';
import type { ExpiringObject, ExpiringObjects } from '../expiring-objects.js';
import type { HashKey } from '../hashed-key.js';

const COLUMNS = 'version::float8 AS version, value, extract(epoch FROM expires_at)::float8 * 1000 AS expires_at';

const PUT = `
  INSERT INTO ephemeral.object AS o (namespace, key, version, value, expires_at)
  VALUES ($1, $2, 1, $3::jsonb, lanyard.now() + $4 * interval '1 millisecond')
  ON CONFLICT (namespace, key) DO UPDATE SET version = o.version + 1, value = excluded.value, expires_at = excluded.expires_at
  RETURNING ${COLUMNS}`;
const GET = `SELECT ${COLUMNS} FROM ephemeral.object WHERE namespace = $1 AND key = $2 AND expires_at > lanyard.now()`;
const TAKE = `DELETE FROM ephemeral.object WHERE namespace = $1 AND key = $2 AND expires_at > lanyard.now() RETURNING ${COLUMNS}`;
const UPDATE = `
  UPDATE ephemeral.object SET version = version + 1, value = $4::jsonb
  WHERE namespace = $1 AND key = $2 AND version = $3 AND expires_at > lanyard.now() RETURNING ${COLUMNS}`;

interface Row extends Record<string, unknown> {
  version: number;
  value: unknown;
  expires_at: number;
}

export class PostgresObjects implements ExpiringObjects {
  constructor(
    private readonly sql: Sql,
    private readonly namespace: string,
    private readonly hash: HashKey,
  ) {}

  async put(key: string, value: unknown, ttlMs: number): Promise<ExpiringObject> {
    const stored = await this.one(PUT, key, [JSON.stringify(value), ttlMs]);
    if (!stored) throw new Error('an expiring object was not stored');
    return stored;
  }

  get(key: string): Promise<ExpiringObject | null> {
    return this.one(GET, key, []);
  }

  take(key: string): Promise<ExpiringObject | null> {
    return this.one(TAKE, key, []);
  }

  update(key: string, version: number, value: unknown): Promise<ExpiringObject | null> {
    return this.one(UPDATE, key, [version, JSON.stringify(value)]);
  }

  private async one(text: string, key: string, rest: readonly unknown[]): Promise<ExpiringObject | null> {
    const { rows } = await this.sql.query<Row>(text, [this.namespace, this.hash(key), ...rest]);
    const row = rows[0];
    return row ? { value: row.value, version: row.version, expiresAt: Math.floor(row.expires_at) } : null;
  }
}
