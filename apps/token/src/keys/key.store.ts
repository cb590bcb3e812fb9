import type { Sql, Tx } from '#libs/database';
import type { PublicJwk } from '#libs/keys';
import type { KeyLife, RotationStep } from './decide-rotation.js';
import type { KeyLine, KeyPurpose } from './key-line.js';

/** A key as stored: everything but its secret, which is an envelope. */
export interface StoredKey extends KeyLife {
  readonly line: string;
  readonly purpose: KeyPurpose;
  readonly alg: string;
  readonly version: number;
  readonly envelope: string | null;
  readonly publicJwk: PublicJwk | null;
}

export interface NewKey {
  readonly kid: string;
  readonly version: number;
  readonly envelope: string;
  readonly publicJwk: PublicJwk | null;
}

const KEY = `k.kid, k.line, l.purpose, l.alg, k.state, k.envelope_version AS version, k.envelope, k.public_jwk AS "publicJwk",
  lanyard.ms(k.activates_at) AS "activatesAt", lanyard.ms(k.remove_after) AS "removeAfter"`;

/** The rows of every key. Times are judged by the caller from `now`, which is the database's. */
export const keyStore = {
  async lines(sql: Sql): Promise<KeyLine[]> {
    return (await sql.query<KeyLine & object>('SELECT line, purpose, alg FROM key_lines ORDER BY line')).rows;
  },

  async ensureLine(sql: Sql, { line, purpose, alg }: KeyLine): Promise<void> {
    await sql.query('INSERT INTO key_lines (line, purpose, alg) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [line, purpose, alg]);
  },

  /** Without this two instances would both find a successor missing and make one each; the second waits here and finds the first's. */
  async lockLine(tx: Tx, line: string): Promise<void> {
    await tx.query('SELECT FROM key_lines WHERE line = $1 FOR UPDATE', [line]);
  },

  async live(sql: Sql): Promise<StoredKey[]> {
    const text = `SELECT ${KEY} FROM keys k JOIN key_lines l USING (line) WHERE k.state <> 'retired' ORDER BY (k.state = 'active') DESC, k.activates_at DESC, k.kid`;
    return (await sql.query<StoredKey & object>(text)).rows;
  },

  async find(sql: Sql, kid: string): Promise<{ line: KeyLine; state: KeyLife['state']; revoked: boolean } | null> {
    const { rows } = await sql.query<KeyLine & { state: KeyLife['state']; revoked: boolean }>(
      'SELECT l.line, l.purpose, l.alg, k.state, k.revoked_at IS NOT NULL AS revoked FROM keys k JOIN key_lines l USING (line) WHERE k.kid = $1',
      [kid],
    );
    const [row] = rows;
    return row ? { line: { line: row.line, purpose: row.purpose, alg: row.alg }, state: row.state, revoked: row.revoked } : null;
  },

  async now(sql: Sql): Promise<number> {
    const { rows } = await sql.query<{ now: number }>('SELECT lanyard.now_ms() AS now');
    if (!rows[0]) throw new Error('the database told no time');
    return rows[0].now;
  },

  async create(tx: Tx, line: string, key: NewKey, step: RotationStep & { do: 'create' }): Promise<void> {
    await tx.query(
      `INSERT INTO keys (kid, line, state, envelope_version, envelope, public_jwk, created_at, activates_at)
       VALUES ($1, $2, $3, $4, $5, $6, lanyard.now(), lanyard.from_ms($7))`,
      [key.kid, line, step.state, key.version, key.envelope, key.publicJwk, step.activatesAt],
    );
  },

  async activate(tx: Tx, kid: string, now: number): Promise<void> {
    await tx.query(`UPDATE keys SET state = 'active', activates_at = lanyard.from_ms($2) WHERE kid = $1 AND state = 'pending'`, [kid, now]);
  },

  /** A replaced signing key only verifies: its private half is erased here, so that no later theft of the database can sign with it. */
  async replace(tx: Tx, kid: string, now: number, removeAfter: number | null): Promise<void> {
    await tx.query(
      `UPDATE keys SET state = 'retiring', replaced_at = lanyard.from_ms($2), remove_after = lanyard.from_ms($3::bigint),
         envelope = CASE WHEN public_jwk IS NULL THEN envelope END
       WHERE kid = $1 AND state = 'active'`,
      [kid, now, removeAfter],
    );
  },

  /** From whatever state: nothing may use it from here on. The public half stays in the row as a record, and leaves the JWKS. */
  async revoke(tx: Tx, kid: string, now: number): Promise<void> {
    await tx.query(
      `UPDATE keys SET state = 'retired', retired_at = lanyard.from_ms($2), revoked_at = lanyard.from_ms($2), envelope = NULL
       WHERE kid = $1 AND state <> 'retired'`,
      [kid, now],
    );
  },

  /** Never earlier than it has been with all holders for long enough; never later than planned. */
  async hasten(tx: Tx, kid: string, now: number, pendingMs: number): Promise<void> {
    await tx.query(
      `UPDATE keys SET activates_at = least(activates_at, greatest(lanyard.from_ms($2::bigint), created_at + $3::bigint * interval '1 millisecond'))
       WHERE kid = $1 AND state = 'pending'`,
      [kid, now, pendingMs],
    );
  },

  async rewrap(tx: Tx, kid: string, envelope: string): Promise<void> {
    await tx.query('UPDATE keys SET envelope = $2 WHERE kid = $1 AND envelope IS NOT NULL', [kid, envelope]);
  },

  async retire(tx: Tx, kid: string, now: number): Promise<void> {
    await tx.query(
      `UPDATE keys SET state = 'retired', retired_at = lanyard.from_ms($2), envelope = NULL WHERE kid = $1 AND state = 'retiring'`,
      [kid, now],
    );
  },
};
