import type { Sql, Tx } from '#libs/database';
import { LATE_REPEATS } from './detect-replay.js';
import { CLOCK } from './grant.store.js';

export interface Step {
  readonly gid: string;
  /** The number the decision was made on. */
  readonly from: number;
  /** The number that is current afterwards; equal: no new token. */
  readonly to: number;
  /** ms; for the sweeper. */
  readonly expiresAt: number;
}

/**
 * The race (5): any number of parallel uses of one refresh token decide on the same row; the condition on `refresh_seq` lets one write. Those
 * that get null read again and find themselves one behind. Races 15 and 19: a grant revoked meanwhile matches nothing. The clock is
 * read before the row's lock is waited for, so what is minted from this time is older rather than younger. `expires_at` moves by whole
 * days only: an unchanged index entry keeps the update in its page.
 */
export async function rotate(sql: Sql, { gid, from, to, expiresAt }: Step): Promise<number | null> {
  const { rows } = await sql.query<{ at: number }>(
    `UPDATE grants g SET refresh_seq = $3::bigint, last_used_at = c.now, late_repeats = 0,
       rotated_at = CASE WHEN $3::bigint > $2::bigint THEN c.now ELSE g.rotated_at END,
       expires_at = CASE WHEN lanyard.from_ms($4) > g.expires_at + interval '1 day' THEN lanyard.from_ms($4) ELSE g.expires_at END
     FROM ${CLOCK} WHERE g.gid = $1 AND g.refresh_seq = $2::bigint AND g.revoked_at IS NULL
     RETURNING lanyard.ms(c.now) AS at`,
    [gid, from, to, expiresAt],
  );
  return rows[0]?.at ?? null;
}

/** Counts a use after the burst. The race: without the condition, parallel ones would all read two and all be the third. */
export async function countLateRepeat(sql: Sql | Tx, gid: string, seq: number): Promise<boolean> {
  const { rows } = await sql.query(
    `UPDATE grants SET late_repeats = late_repeats + 1
     WHERE gid = $1 AND refresh_seq = $2 AND revoked_at IS NULL AND late_repeats < ${LATE_REPEATS} RETURNING gid`,
    [gid, seq],
  );
  return rows.length > 0;
}
