import { deliveriesQuery } from '../src/admin/list-deliveries.js';
import { pageOfSessions, type SessionFilter, sessionsQuery } from '../src/admin/list-sessions.js';
import { DELIVERY_FILTERS, generateSessions, planOf, SESSION_FILTERS } from './many-sessions.js';
import { SessionWorld } from './session-world.js';

const ROWS = 20_000;

/** The reduced version of admin-lists.deep.spec.ts: the plans, on a table small enough to make in seconds. */
describe(`lists of an operator over ${ROWS} sessions`, () => {
  let world: SessionWorld;
  let middle: number;
  beforeAll(async () => {
    world = await SessionWorld.open();
    await generateSessions(world.database, ROWS);
    middle = Date.now() - 40 * 86_400_000;
  }, 360_000);
  afterAll(() => world.close());

  const filterOf = (query: Record<string, unknown>): SessionFilter => {
    const times = {
      ...(query.started_before ? { started_before: middle } : {}),
      ...(query.started_after ? { started_after: middle - 9e8 } : {}),
    };
    return { limit: 50, ...query, ...times } as SessionFilter;
  };

  it.each(SESSION_FILTERS)('sessions by %j are read along %s: no scan of a table, never more than the page needs', async (query, index) => {
    const nodes = await planOf(world, sessionsQuery(filterOf(query)));
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
    const most = Math.max(...nodes.map((node) => (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1)));
    expect(most).toBeLessThanOrEqual(600);
  });

  it.each(DELIVERY_FILTERS)('deliveries by %j are read along %s', async (query, index) => {
    const nodes = await planOf(world, deliveriesQuery({ limit: 50, ...query }));
    expect(nodes.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([]);
    expect(nodes.map((node) => node['Index Name'])).toContain(index);
  });

  it.each([{}, { sub: 'busy' }, { client_id: 'small-7' }, { ip: '198.51.100.7', state: 'ended' }])(
    'all pages of %j together are the whole list once, in order',
    async (query) => {
      const seen: string[] = [];
      const times: number[] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = await pageOfSessions(world.db, { ...filterOf(query), limit: 200, ...(cursor ? { cursor } : {}) });
        seen.push(...page.items.map(({ sid }) => sid));
        times.push(...page.items.map(({ started_at }) => started_at));
        cursor = page.next;
      }
      const { client_id = null, sub = null, ip = null, state = null } = query as Record<string, string>;
      const [all] = await world.rows<{ n: string }>(
        `SELECT count(*) AS n FROM session.session s WHERE ($1::text IS NULL OR sub = $1) AND ($2::text IS NULL OR ip = $2) AND ($3::text IS NULL OR state = $3)
         AND ($4::text IS NULL OR EXISTS (SELECT FROM session.participant p WHERE p.sid = s.sid AND p.client_id = $4))`,
        [sub, ip, state, client_id],
      );
      expect(new Set(seen).size).toBe(seen.length);
      expect(seen).toHaveLength(Number(all?.n));
      expect(times).toEqual(times.toSorted((a, b) => b - a));
    },
  );
});
