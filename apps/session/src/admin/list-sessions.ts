import { z } from 'zod';
import { type AdminInputOf, cursorOf, cursorTime, type Page, pageOf } from '#libs/admin-api';
import { identifier } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { ListedSession, listSessions } from './session-routes.js';

export type SessionFilter = AdminInputOf<typeof listSessions>['query'];
type State = 'active' | 'ended';

const cursor = cursorOf('sessions', z.tuple([cursorTime, identifier]));

/**
 * The youngest first, by (started_at, sid). Each state is a branch of its own, because every index leads with what is filtered by and then the
 * state: a page's keys are read along one index per branch, without the table, and never sorted or counted, whatever it holds. The branches drive by the filter that is
 * expected to be the narrowest (subject, then address, then client); further ones are checked row by row.
 */
export async function pageOfSessions(sql: Sql, filter: SessionFilter): Promise<Page<ListedSession>> {
  const { text, params } = sessionsQuery(filter);
  const { rows } = await sql.query<ListedSession>(text, params);
  const page = pageOf(rows, filter.limit, { item: (row) => row, cursor: ({ started_at, sid }) => cursor.encode([started_at, sid]) });
  // A row that is due is dead, also in the moment before the reaper writes it down. Judged here: in SQL it would mislead the planner.
  return { ...page, items: page.items.filter(({ state }) => filter.state === undefined || state === filter.state) };
}

/** Separate, so that a test can ask for the plan. */
export function sessionsQuery(filter: SessionFilter): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const limit = bind(filter.limit + 1);
  const conditions = conditionsOf(filter, bind);
  const client = filter.client_id === undefined ? null : bind(filter.client_id);
  const byClient = client !== null && filter.sub === undefined && filter.ip === undefined;
  const branch = byClient ? clientBranch(client, limit) : sessionBranch(client, limit);
  const states: State[] = filter.state ? [filter.state] : ['active', 'ended'];
  const branches = states.map((state) => `(${branch(state, conditions)})`);
  const text = `SELECT ${COLUMNS} FROM (${branches.join(' UNION ALL ')}) k JOIN session s ON s.sid = k.sid
    ORDER BY k.at DESC, k.sid DESC LIMIT ${limit}`;
  return { text, params };
}

type Branch = (state: State, conditions: Conditions) => string;
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

function sessionBranch(client: string | null, limit: string): Branch {
  return (state, { exact, ranged }) => {
    const present = state === 'active' ? ' AND p.left_at IS NULL' : '';
    const takesPart = `EXISTS (SELECT FROM participant p WHERE p.sid = s.sid AND p.client_id = ${client}${present})`;
    const all = [`s.state = '${state}'`, ...exact, ...ranged('s.started_at', 's.sid'), ...(client === null ? [] : [takesPart])];
    return `SELECT s.started_at AS at, s.sid FROM session s WHERE ${all.join(' AND ')} ORDER BY s.started_at DESC, s.sid DESC LIMIT ${limit}`;
  };
}

/** A participant that has not left is in a session that goes on. One that has was perhaps cut out of such a one, and is not of those that ended. */
function clientBranch(client: string, limit: string): Branch {
  return (state, { ranged }) => {
    const all = [`p.client_id = ${client}`, ...ranged('p.session_started_at', 'p.sid')];
    const ended = state === 'ended' ? "JOIN session s ON s.sid = p.sid AND s.state = 'ended'" : '';
    return `SELECT p.session_started_at AS at, p.sid FROM participant p ${ended}
      WHERE p.left_at IS ${state === 'ended' ? 'NOT NULL' : 'NULL'} AND ${all.join(' AND ')} ORDER BY p.session_started_at DESC, p.sid DESC LIMIT ${limit}`;
  };
}

export const SUMMARY = `s.sid, s.sub, CASE WHEN s.state = 'active' AND s.idle_deadline > (SELECT lanyard.now()) THEN 'active' ELSE 'ended' END AS state,
  lanyard.ms(s.started_at) AS started_at, lanyard.ms(s.auth_time) AS auth_time, lanyard.ms(s.last_seen_at) AS last_seen_at,
  lanyard.ms(s.idle_deadline) AS idle_deadline, lanyard.ms(s.absolute_deadline) AS absolute_deadline, lanyard.ms(s.ended_at) AS ended_at,
  s.end_reason, s.end_id, s.remember, s.amr, s.acr, s.ip, s.user_agent`;

const COLUMNS = `${SUMMARY}, ARRAY(SELECT p.client_id FROM participant p WHERE p.sid = s.sid
  AND (p.left_at IS NULL OR p.left_at >= s.ended_at) ORDER BY p.client_id) AS clients`;
