import type { Database } from '#libs/database';
import type { Lifetimes } from '../sessions/lifetimes.js';

const BATCH = 500;

/**
 * Run at start: settings that became shorter hold for sessions that exist (Keycloak's CVE-2025-11429: a policy change that only new
 * sessions knew). Deadlines only ever come nearer here; settings that became longer hold from the next touch or login on.
 */
export async function shortenLifetimes(db: Database, { plain, remembered }: Lifetimes): Promise<number> {
  let shortened = 0;
  for (let changed = BATCH; changed === BATCH; shortened += changed) {
    ({ affected: changed } = await db.query(SHORTEN, [plain.idle, plain.max, remembered.idle, remembered.max]));
  }
  return shortened;
}

const SHORTEN = `
  WITH limits AS (
    SELECT s.sid,
      s.auth_time + CASE WHEN s.remember THEN $4::float8 ELSE $2::float8 END * interval '1 second' AS absolute,
      s.last_seen_at + CASE WHEN s.remember THEN $3::float8 ELSE $1::float8 END * interval '1 second' AS idle
    FROM session s WHERE s.state = 'active'
  ), shorter AS (
    SELECT l.sid, l.absolute, l.idle FROM limits l JOIN session s ON s.sid = l.sid
    WHERE s.state = 'active' AND (s.absolute_deadline > l.absolute OR s.idle_deadline > LEAST(l.idle, l.absolute))
    LIMIT ${BATCH} FOR NO KEY UPDATE OF s SKIP LOCKED
  )
  UPDATE session s SET absolute_deadline = LEAST(s.absolute_deadline, n.absolute),
    idle_deadline = LEAST(s.idle_deadline, n.idle, n.absolute)
  FROM shorter n WHERE s.sid = n.sid AND s.state = 'active'`;
