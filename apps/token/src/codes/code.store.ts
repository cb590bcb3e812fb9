import { type CodeContents, codeContents } from '#libs/contracts';
import type { Sql, Tx } from '#libs/database';
import { CLOCK } from '../grants/grant.store.js';

/** PROTOCOL, "What we decided": attempts by the wrong party leave the code usable, but not for ever. */
export const CODE_TRIES = 5;

export interface StoredCode {
  readonly contents: CodeContents;
  readonly failures: number;
  readonly expired: boolean;
  /** The grant of its first redemption; null: not redeemed yet. */
  readonly gid: string | null;
}

type Row = Omit<StoredCode, 'contents'> & { contents: unknown };

export async function insertCode(sql: Sql, mac: string, contents: CodeContents, ttlSeconds: number): Promise<void> {
  await sql.query(
    `INSERT INTO authorization_codes (code_mac, contents, created_at, expires_at, failures)
     SELECT $1, $2::jsonb, c.now, c.now + $3::int * interval '1 second', 0 FROM ${CLOCK}`,
    [mac, JSON.stringify(contents), ttlSeconds],
  );
}

export async function readCode(sql: Sql, mac: string): Promise<StoredCode | null> {
  const { rows } = await sql.query<Row>(
    `SELECT a.contents, a.failures, a.expires_at <= c.now AS expired, a.gid FROM ${CLOCK}, authorization_codes a WHERE a.code_mac = $1`,
    [mac],
  );
  const row = rows[0];
  return row ? { ...row, contents: codeContents.parse(row.contents) } : null;
}

/** A code that was redeemed already can't be used up: its second use must be noticed. */
export async function countFailure(sql: Sql, mac: string): Promise<void> {
  await sql.query('UPDATE authorization_codes SET failures = failures + 1 WHERE code_mac = $1 AND consumed_at IS NULL', [mac]);
}

/**
 * The race: a thousand redemptions at once have all read an unused code. The condition lets one consume it; the others wait for its commit and
 * then see its grant, which they revoke (S7). Without it each would make a token set of its own.
 */
export async function consumeCode(tx: Tx, mac: string, gid: string): Promise<boolean> {
  const { rows } = await tx.query(
    `UPDATE authorization_codes a SET consumed_at = c.now, gid = $2 FROM ${CLOCK}
     WHERE a.code_mac = $1 AND a.consumed_at IS NULL AND a.expires_at > c.now AND a.failures < ${CODE_TRIES} RETURNING a.gid`,
    [mac, gid],
  );
  return rows.length > 0;
}

/** Kept a day, used or not, so that a late second redemption still revokes what the first one got. */
export async function deleteOldCodes(sql: Sql, batch: number): Promise<number> {
  const { affected } = await sql.query(
    `DELETE FROM authorization_codes WHERE code_mac = ANY (ARRAY(
       SELECT code_mac FROM authorization_codes
       WHERE created_at < (SELECT lanyard.now()) - interval '24 hours 10 minutes' ORDER BY created_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
    [batch],
  );
  return affected;
}
