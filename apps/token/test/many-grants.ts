import type { TestDatabase } from '#libs/testing';

/**
 * Generated history: `count` grants, three of ten offline; four large clients, a thousand small ones, one whose grants are all revoked and one
 * with none; one in fifty of the others revoked, one in twenty expired; a subject with one in five hundred of all, and many with ten.
 */
export async function generateGrants(database: TestDatabase, count: number): Promise<void> {
  await database.query(
    `INSERT INTO token.grants (gid, client_id, sub, subject_gen, sid, access_mode, scope, resources, auth_time, amr, late_repeats, created_at,
       last_used_at, expires_at, revoked_at, revoke_reason, refresh_seq)
     SELECT 'gid-' || md5(n::text), CASE WHEN n % 10 = 9 THEN 'withdrawn' WHEN n % 10 < 6 THEN 'large-' || n % 4 ELSE 'small-' || n % 1000 END,
       CASE WHEN n % 500 = 3 THEN 'busy' ELSE 'user-' || n % ($1 / 10) END, 1, 'sid-' || n / 2, CASE WHEN n % 10 IN (1, 2, 3) THEN 'offline' ELSE 'online' END,
       '{openid,photos:read}', '{}', at, '{pwd}', 0, at, at, at + CASE WHEN n % 20 = 7 THEN interval '-1 minute' ELSE interval '200 days' END,
       CASE WHEN n % 10 = 9 OR n % 50 = 11 THEN at END, CASE WHEN n % 10 = 9 OR n % 50 = 11 THEN 'admin' END, 1
     FROM (SELECT n, date_trunc('milliseconds', lanyard.now()) - (n::float8 / $1) * interval '80 days' AS at FROM generate_series(1, $1::int) n) g`,
    [count],
  );
  await database.query('VACUUM ANALYZE token.grants');
}

const PAGE = 50;

/** Filters as operators use them, and how many rows the first page has. */
export const GRANT_FILTERS: readonly [query: Record<string, string>, rows: number][] = [
  [{}, PAGE],
  [{ state: 'any' }, PAGE],
  [{ state: 'revoked' }, PAGE],
  [{ access_mode: 'offline' }, PAGE],
  [{ access_mode: 'online' }, PAGE],
  [{ access_mode: 'offline', state: 'revoked' }, PAGE],
  [{ access_mode: 'none' }, 0],
  [{ client_id: 'large-1' }, PAGE],
  [{ client_id: 'large-2', state: 'revoked' }, 0],
  [{ client_id: 'large-1', access_mode: 'offline' }, PAGE],
  [{ client_id: 'small-8' }, PAGE],
  [{ client_id: 'withdrawn' }, 0],
  [{ client_id: 'withdrawn', state: 'revoked' }, PAGE],
  [{ client_id: 'withdrawn', access_mode: 'offline', state: 'any' }, 0],
  [{ client_id: 'nobody', state: 'any' }, 0],
  [{ sub: 'busy' }, PAGE],
  [{ sub: 'busy', client_id: 'large-3', state: 'revoked' }, 0],
  [{ sub: 'user-77', state: 'any' }, 10],
  [{ sid: 'sid-2', state: 'any' }, 2],
];
