import { z } from 'zod';
import { type AdminInputOf, cursorOf, type Page, pageOf } from '#libs/admin-api';
import type { Sql } from '#libs/database';
import type { ListedSession, listSessions } from './session-routes.js';

export type SessionFilter = AdminInputOf<typeof listSessions>['query'];
type State = 'active' | 'ended';

const cursor = cursorOf(z.tuple([z.int(), z.string().min(1)]));

/**
 * The youngest first, by (started_at, sid). Each state is a branch of its own, because every index leads with what is filtered by and then the
 * state: a page is read along one index per branch and never sorted or counted, whatever the table holds. The branches drive by the filter that is
 * expected to be the narrowest (subject, then address, then client); further ones are checked row by row.
 */
export async function pageOfSessions(sql: Sql, filter: SessionFilter): Promise<Page<ListedSession>> {
  const { text, params } = sessionsQuery(filter);
  const { rows } = await sql.query<ListedSession>(text, params);
  return pageOf(rows, filter.limit, { item: (row) => row, cursor: ({ started_at, sid }) => cursor.encode([started_at, sid]) });
}

/** Separate, so that a test can ask for the plan. */
export function sessionsQuery(filter: SessionFilter): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const limit = bind(filter.limit + 1);
  const conditions = conditionsOf(filter, bind);
  const byClient = filter.client_id !== undefined && filter.sub === undefined && filter.ip === undefined;
  const branch = byClient
    ? clientBranch(bind(filter.client_id))
    : sessionBranch(filter.client_id === undefined ? null : bind(filter.client_id));
  const states: State[] = filter.state ? [filter.state] : ['active', 'ended'];
  const branches = states.map((state) => `(${branch(state, conditions, filter.state === 'active')} LIMIT ${limit})`);
  return {
    text: `SELECT ${COLUMNS} FROM (${branches.join(' UNION ALL ')}) s ORDER BY s.started_at DESC, s.sid DESC LIMIT ${limit}`,
    params,
  };
}

type Branch = (state: State, conditions: Conditions, alive: boolean) => string;
interface Conditions {
  exact: string[];
  /** About when it started, on `at` and `sid` of whichever table the index is on. */
  ranged(at: string, sid: string): string[];
}

function conditionsOf(filter: SessionFilter, bind: (value: unknown) => string): Conditions {
  const exact: string[] = [];
  if (filter.sub !== undefined) exact.push(`s.sub = ${bind(filter.sub)}`);
  if (filter.ip !== undefined) exact.push(`s.ip = ${bind(filter.ip)}`);
  const before = filter.started_before === undefined ? null : bind(filter.started_before);
  const after = filter.started_after === undefined ? null : bind(filter.started_after);
  const key = cursor.decode(filter.cursor);
  const place = key === null ? null : { at: bind(key[0]), sid: bind(key[1]) };
  return {
    exact,
    ranged: (at, sid) => [
      ...(before ? [`${at} < lanyard.from_ms(${before}::bigint)`] : []),
      ...(after ? [`${at} > lanyard.from_ms(${after}::bigint)`] : []),
      ...(place ? [`(${at}, ${sid}) < (lanyard.from_ms(${place.at}::bigint), ${place.sid}::text)`] : []),
    ],
  };
}

const ALIVE = 's.idle_deadline > (SELECT lanyard.now())';

function sessionBranch(client: string | null): Branch {
  return (state, { exact, ranged }, alive) => {
    const takesPart = `EXISTS (SELECT FROM participant p WHERE p.sid = s.sid AND p.client_id = ${client}${state === 'active' ? ' AND p.left_at IS NULL' : ''})`;
    const all = [
      `s.state = '${state}'`,
      ...exact,
      ...ranged('s.started_at', 's.sid'),
      ...(alive ? [ALIVE] : []),
      ...(client ? [takesPart] : []),
    ];
    return `SELECT s.* FROM session s WHERE ${all.join(' AND ')} ORDER BY s.started_at DESC, s.sid DESC`;
  };
}

/** A participant's row tells by itself whether the session goes on, but for a client that was cut out of one that does. */
function clientBranch(client: string): Branch {
  return (state, { ranged }, alive) => {
    const left = state === 'active' ? 'p.left_at IS NULL' : 'p.left_at IS NOT NULL';
    const all = [
      `p.client_id = ${client}`,
      left,
      `s.state = '${state}'`,
      ...ranged('p.session_started_at', 'p.sid'),
      ...(alive ? [ALIVE] : []),
    ];
    return `SELECT s.* FROM participant p JOIN session s ON s.sid = p.sid WHERE ${all.join(' AND ')} ORDER BY p.session_started_at DESC, p.sid DESC`;
  };
}

/** A row that is due is dead, also in the moment before the reaper writes it down. */
export const SUMMARY = `s.sid, s.sub, CASE WHEN s.state = 'active' AND ${ALIVE} THEN 'active' ELSE 'ended' END AS state,
  lanyard.ms(s.started_at) AS started_at, lanyard.ms(s.auth_time) AS auth_time, lanyard.ms(s.last_seen_at) AS last_seen_at,
  lanyard.ms(s.idle_deadline) AS idle_deadline, lanyard.ms(s.absolute_deadline) AS absolute_deadline, lanyard.ms(s.ended_at) AS ended_at,
  s.end_reason, s.end_id, s.remember, s.amr, s.acr, s.ip, s.user_agent`;

const COLUMNS = `${SUMMARY}, ARRAY(SELECT p.client_id FROM participant p WHERE p.sid = s.sid
  AND (p.left_at IS NULL OR p.left_at >= s.ended_at) ORDER BY p.client_id) AS clients`;
