import pg from 'pg';
import { SERVICES } from '#libs/contracts';
import { until } from '#libs/testing';
import type { Life } from '../../scripts/chaos/lives.js';
import { ClusterWorld } from './start-cluster.js';

const SESSIONS = 30;

/** Issue 5, item 5: three of each service, started together on an empty database. */
describe('three instances of each service', () => {
  let world: ClusterWorld;
  let database: pg.Client;
  beforeAll(async () => {
    world = await ClusterWorld.of(3);
    await world.cluster.start();
    database = new pg.Client({ connectionString: world.cluster.postgres.url('admin') });
    await database.connect();
  }, 300_000);
  afterAll(async () => {
    await database?.end();
    await world?.close();
  }, 120_000);

  const rows = async <R extends pg.QueryResultRow>(sql: string) => (await database.query<R>(sql)).rows;

  it('migrate once: every migration is recorded once, and no process died of another', async () => {
    for (const schema of ['auth', 'session', 'token']) {
      const twice = await rows(`SELECT name FROM ${schema}.migrations GROUP BY name HAVING count(*) > 1`);
      expect([schema, twice]).toEqual([schema, []]);
      expect((await rows(`SELECT 1 FROM ${schema}.migrations`)).length).toBeGreaterThan(3);
    }
    expect(world.lost).toEqual([]);
  });

  it('leave Postgres connections to spare, all pools filled', async () => {
    const [row] = await rows<{ used: number; most: number }>(
      "SELECT count(*)::int AS used, current_setting('max_connections')::int AS most FROM pg_stat_activity WHERE backend_type = 'client backend'",
    );
    const processes = SERVICES.length * 3;
    expect(row?.used).toBeGreaterThan(processes);
    expect(row?.used).toBeLessThan((row?.most ?? 0) - 20);
    process.stdout.write(`${processes} processes use ${row?.used} of ${row?.most} connections\n`);
  });

  it('end what one of them is told to end at all of them, and tell each client once', async () => {
    const { cluster, deeds, recorder } = world;
    const lives: Life[] = [];
    for (let n = 0; n < SESSIONS; n++) lives.push(await signedIn(world, `user-${(n % 20) + 1}`));
    const outcomes = await Promise.all(lives.map((life) => deeds.endByOperator(life)));
    expect(outcomes).toEqual(lives.map(() => 'ok'));
    const everywhere = lives.map(async (life) => {
      const [token] = life.grants[0]?.tokens ?? [];
      if (!token) throw new Error('no token');
      for (const at of cluster.of('introspect')) {
        await until(async () => (await deeds.introspect(life, token, at)) === 'inactive', { what: `${life.sid} refused at ${at.name}` });
      }
    });
    await Promise.all(everywhere);
    const told = () => recorder.steps.filter((step) => step.kind === 'notice').map(({ sid }) => sid);
    await until(() => new Set(told()).size === SESSIONS, { timeoutMs: 30_000, what: 'every client told' });
    const states = await rows('SELECT state, count(*)::int AS n FROM session.delivery GROUP BY state');
    expect(states).toEqual([{ state: 'delivered', n: SESSIONS }]);
    expect(told().sort()).toEqual(lives.map(({ sid }) => sid).sort());
  }, 60_000);

  it('number each outbox row once and without a gap, though three relays do it', async () => {
    for (const source of ['auth', 'session', 'token']) {
      const broken = await rows(
        `SELECT stream, partition FROM ${source}.outbox WHERE pseq IS NOT NULL GROUP BY stream, partition
         HAVING count(DISTINCT pseq) <> count(*) OR max(pseq) - min(pseq) + 1 <> count(*)`,
      );
      expect([source, broken]).toEqual([source, []]);
    }
  });

  it('end what has run out once: the reapers of all three meet the same sessions', async () => {
    const { deeds, recorder } = world;
    const life = await signedIn(world, 'user-1');
    await rows("UPDATE session.session SET idle_deadline = lanyard.now() - interval '1 second' WHERE state = 'active'");
    await until(() => recorder.steps.some((step) => step.kind === 'notice' && step.sid === life.sid), { timeoutMs: 30_000 });
    const ended = await rows(`SELECT count(*)::int AS n FROM session.delivery WHERE sid = '${life.sid}'`);
    expect(ended).toEqual([{ n: 1 }]);
    const [grant] = life.grants;
    expect(grant && (await deeds.refresh(life, grant))).toBe('refused');
  }, 60_000);
});

/** A 503 of a busy machine is tried again, with a session of its own. */
async function signedIn({ deeds }: ClusterWorld, user: string): Promise<Life> {
  return until(async () => {
    const life = await deeds.startSession(user);
    const code = life ? await deeds.issueCode(life, 'shop') : null;
    if (life && code !== null) await deeds.exchange(life, 'shop', code);
    return life && life.grants.length > 0 && life;
  });
}
