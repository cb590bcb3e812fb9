import type { TestDatabase } from '#libs/testing';
import type { SessionWorld } from './session-world.js';

/**
 * Generated history: `count` sessions of the last 80 days, a tenth of them active, two clients in each (one of a few large ones, one of many small),
 * users and addresses from one session each to a tenth of all.
 */
export async function generateSessions(database: TestDatabase, count: number): Promise<void> {
  await database.query(
    `INSERT INTO session.session (sid, sub, subject_gen, cookie_mac, state, remember, auth_time, amr, started_at, last_seen_at, idle_deadline,
       absolute_deadline, ip, user_agent, ended_at, end_reason, end_id)
     SELECT 'sid-' || n, CASE WHEN n % 10 = 0 THEN 'busy' ELSE 'user-' || n % ($1 / 10) END, 1, 'mac-' || n, CASE WHEN active THEN 'active' ELSE 'ended' END,
       true, at, '{pwd}', at, at, lanyard.now() + (1 + n::bigint * 7919 % 1000) * interval '10 minutes', lanyard.now() + interval '9 days',
       CASE WHEN n % 10 = 1 THEN '198.51.100.7' ELSE '2001:db8::' || n % 50000 END, 'Mozilla/5.0 (generated)',
       CASE WHEN NOT active THEN at + interval '30 minutes' END, CASE WHEN NOT active THEN 'logout' END, CASE WHEN NOT active THEN 'end-' || n END
     FROM (SELECT n, n % 9 = 3 AS active, date_trunc('milliseconds', lanyard.now()) - (n::float8 / $1) * interval '80 days' AS at
       FROM generate_series(1, $1::int) n) g`,
    [count],
  );
  await database.query(
    `INSERT INTO session.participant (sid, client_id, joined_at, session_started_at, round, left_at)
     SELECT s.sid, c.client_id, s.started_at, s.started_at, 1, s.ended_at FROM session.session s,
       LATERAL (VALUES ('large-' || (hashtext(s.sid) & 3)), ('small-' || abs(hashtext(s.sid)) % 1000)) c (client_id)`,
  );
  await database.query(
    `INSERT INTO session.delivery (sid, client_id, sub, round, state, attempts, created_at, due_at, give_up_at, finished_at)
     SELECT p.sid, p.client_id, s.sub, 1, CASE WHEN abs(hashtext(p.sid)) % 500 = 0 THEN 'dead' ELSE 'delivered' END, 1, p.left_at, p.left_at,
       p.left_at + interval '1 day', p.left_at
     FROM session.participant p JOIN session.session s ON s.sid = p.sid WHERE p.client_id LIKE 'large-%' AND p.left_at IS NOT NULL`,
  );
  await database.query('VACUUM ANALYZE session.session');
  await database.query('VACUUM ANALYZE session.participant');
  await database.query('VACUUM ANALYZE session.delivery');
}

export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  Plans?: PlanNode[];
}

/** All nodes of the plan that was really run. */
export async function planOf(world: SessionWorld, { text, params }: { text: string; params: unknown[] }): Promise<PlanNode[]> {
  const { rows } = await world.db.query<{ 'QUERY PLAN': { Plan: PlanNode }[] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, params);
  const nodes: PlanNode[] = [];
  const walk = (node: PlanNode) => {
    nodes.push(node);
    for (const child of node.Plans ?? []) walk(child);
  };
  const [root] = rows[0]?.['QUERY PLAN'] ?? [];
  if (root) walk(root.Plan);
  return nodes;
}

/** Filters as operators use them, each with the index its page is read along. */
export const SESSION_FILTERS: readonly [query: Record<string, unknown>, index: string][] = [
  [{}, 'session_by_age'],
  [{ state: 'active' }, 'session_by_age'],
  [{ state: 'ended' }, 'session_by_age'],
  [{ started_before: 'middle' }, 'session_by_age'],
  [{ started_before: 'middle', started_after: 'old' }, 'session_by_age'],
  [{ sub: 'busy' }, 'session_of_subject'],
  [{ sub: 'busy', state: 'active' }, 'session_of_subject'],
  [{ sub: 'user-77' }, 'session_of_subject'],
  [{ ip: '198.51.100.7' }, 'session_by_ip'],
  [{ ip: '2001:db8::42', state: 'ended' }, 'session_by_ip'],
  [{ client_id: 'large-1', state: 'ended' }, 'participant_gone'],
  [{ client_id: 'large-1', state: 'active' }, 'participant_present'],
  [{ client_id: 'small-7' }, 'participant_gone'],
  [{ ip: '198.51.100.7', client_id: 'large-2', started_before: 'middle' }, 'session_by_ip'],
];

export const DELIVERY_FILTERS: readonly [query: Record<string, unknown>, index: string][] = [
  [{}, 'delivery_pkey'],
  [{ state: 'dead' }, 'delivery_by_state'],
  [{ client_id: 'large-1' }, 'delivery_by_client'],
  [{ client_id: 'large-1', state: 'dead' }, 'delivery_by_client'],
  [{ sid: 'sid-2' }, 'delivery_once'],
];
