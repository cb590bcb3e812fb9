import type { SessionView } from '#libs/contracts';
import type { Sql, Tx } from '#libs/database';

/** A row, judged at `now` (ms, database clock). `active` is what is written; `alive` is the truth. */
export interface JudgedSession {
  session: SessionView;
  active: boolean;
  alive: boolean;
  ended_at: number | null;
  end_id: string | null;
}

type Row = SessionView & { active: boolean; current: boolean; ended_at: number | null; end_id: string | null; db_time: number };

const VIEW = `s.sid, s.sub, s.subject_gen, lanyard.ms(s.auth_time) AS auth_time, s.amr, s.acr, s.remember,
  lanyard.ms(s.started_at) AS started_at, lanyard.ms(s.last_seen_at) AS last_seen_at, lanyard.ms(s.idle_deadline) AS idle_deadline,
  lanyard.ms(s.absolute_deadline) AS absolute_deadline, s.ip, s.user_agent`;

/**
 * One reading of the clock per statement: every column of an answer is judged at the same instant. Whole milliseconds, because that is what
 * leaves the service: a deadline with microseconds behind it would be one moment here and another in a token.
 */
export const CLOCK = "(SELECT date_trunc('milliseconds', lanyard.now()) AS now OFFSET 0) c";

const JUDGED = `${VIEW}, s.state = 'active' AS active, s.idle_deadline > c.now AS current, lanyard.ms(s.ended_at) AS ended_at, s.end_id,
  lanyard.ms(c.now) AS db_time`;

export interface Judgement {
  found: JudgedSession | null;
  db_time: number;
}

/**
 * Truth about one row by sid or by cookie, on the primary. The race: the clock is read by the statement itself, so a caller that locked
 * the row first judges it by the time after its wait, never by the time before.
 */
export async function judge(sql: Sql, by: 'sid' | 'cookie_mac', value: string): Promise<Judgement> {
  const { rows } = await sql.query<Row>(`SELECT ${JUDGED} FROM ${CLOCK} LEFT JOIN session s ON s.${by} = $1`, [value]);
  const row = rows[0];
  if (!row) throw new Error('the clock gave no row');
  return { found: row.sid === null ? null : fromRow(row), db_time: row.db_time };
}

/**
 * Holds the row until the commit. `share`: nobody may end or touch it meanwhile (a participant is being recorded). `update`: nobody
 * may do anything. Ended rows are not locked: they never change.
 */
export async function lockActive(tx: Tx, by: 'sid' | 'cookie_mac', value: string, strength: 'share' | 'update'): Promise<string | null> {
  const lock = strength === 'share' ? 'FOR SHARE' : 'FOR NO KEY UPDATE';
  const { rows } = await tx.query<{ sid: string }>(`SELECT sid FROM session WHERE ${by} = $1 AND state = 'active' ${lock}`, [value]);
  return rows[0]?.sid ?? null;
}

/** Alive sessions of a subject, the latest seen first. */
export async function listAlive(sql: Sql, sub: string, limit: number): Promise<SessionView[]> {
  const { rows } = await sql.query<Row>(
    `SELECT ${JUDGED} FROM session s, ${CLOCK} WHERE s.sub = $1 AND s.state = 'active' AND s.idle_deadline > c.now
     ORDER BY s.last_seen_at DESC, s.sid LIMIT $2`,
    [sub, limit],
  );
  return rows.map((row) => fromRow(row).session);
}

function fromRow({ active, current, ended_at, end_id, db_time: _, ...session }: Row): JudgedSession {
  return { session, active, alive: active && current, ended_at, end_id };
}
