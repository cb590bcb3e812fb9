import pg from 'pg';
import { SERVICES } from '#libs/contracts';
import { until } from '#libs/testing';
import type { Life } from '../../scripts/chaos/lives.js';
import type { ClusterWorld, Users } from './start-cluster.js';

const SESSIONS = 30;
/** Each answer may be a 503 for as long as the machine is busier than the budgets of a call. */
const PATIENCE_MS = 60_000;
/** Of a busy machine the first answer may be a 503, and the end be done. */
const ENDED: ReadonlySet<string> = new Set(['ok', 'already']);

/** Issue 5, item 5: three of each service, started together on an empty database. */
export function threeOfEach(world: () => ClusterWorld): void {
  describe('three instances of each service', () => {
    let users: Users;
    let database: pg.Client;
    beforeAll(async () => {
      users = world().users();
      database = new pg.Client({ connectionString: world().cluster.postgres.url('admin') });
      await database.connect();
    }, 120_000);
    afterAll(() => database?.end());

    const rows = async <R extends pg.QueryResultRow>(sql: string) => (await database.query<R>(sql)).rows;

    it('migrate once: every migration is recorded once, and no process died of another', async () => {
      for (const schema of ['auth', 'session', 'token']) {
        const twice = await rows(`SELECT name FROM ${schema}.migrations GROUP BY name HAVING count(*) > 1`);
        expect([schema, twice]).toEqual([schema, []]);
        expect((await rows(`SELECT 1 FROM ${schema}.migrations`)).length).toBeGreaterThan(3);
      }
      expect(world().lost).toEqual([]);
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
      const { deeds, recorder } = users;
      // One after the other: thirty at once, each tried again by itself, keep a machine that is busy with other tests from ever getting through.
      const lives: Life[] = [];
      for (let n = 0; n < SESSIONS; n++) lives.push(await signedIn(users, `user-${(n % 20) + 1}`));
      await Promise.all(
        lives.map((life) =>
          until(async () => ENDED.has(await deeds.endByOperator(life)), { timeoutMs: PATIENCE_MS, what: `${life.sid} ended` }),
        ),
      );
      const everywhere = lives.map(async (life) => {
        const [token] = life.grants[0]?.tokens ?? [];
        if (!token) throw new Error('no token');
        for (const at of world().cluster.of('introspect')) {
          await until(async () => (await deeds.introspect(life, token, at)) === 'inactive', {
            timeoutMs: PATIENCE_MS,
            what: `${life.sid} refused at ${at.name}`,
          });
        }
      });
      await Promise.all(everywhere);
      const told = () => recorder.steps.filter((step) => step.kind === 'notice').map(({ sid }) => sid);
      await until(() => new Set(told()).size === SESSIONS, { timeoutMs: PATIENCE_MS, what: 'every client told' });
      const owed = () => rows("SELECT 1 FROM session.delivery WHERE state <> 'delivered'");
      await until(async () => (await owed()).length === 0, { timeoutMs: PATIENCE_MS, what: 'every answer of a client written down' });
      expect(await rows('SELECT count(*)::int AS n FROM session.delivery')).toEqual([{ n: SESSIONS }]);
      expect(told().sort()).toEqual(lives.map(({ sid }) => sid).sort());
    }, 240_000);

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
      const { deeds, recorder } = users;
      const life = await signedIn(users, 'user-1');
      await rows("UPDATE session.session SET idle_deadline = lanyard.now() - interval '1 second' WHERE state = 'active'");
      await until(() => recorder.steps.some((step) => step.kind === 'notice' && step.sid === life.sid), { timeoutMs: PATIENCE_MS });
      const ended = await rows(`SELECT count(*)::int AS n FROM session.delivery WHERE sid = '${life.sid}'`);
      expect(ended).toEqual([{ n: 1 }]);
      const [grant] = life.grants;
      if (!grant) throw new Error('no grant');
      const verdict = async () => {
        const outcome = await deeds.refresh(life, grant);
        return outcome !== 'unavailable' && outcome;
      };
      expect(await until(verdict, { timeoutMs: PATIENCE_MS, what: 'a verdict on the refresh' })).toBe('refused');
    }, 240_000);
  });
}

/** A 503 of a busy machine is tried again, with a session of its own. */
async function signedIn({ deeds }: Users, user: string): Promise<Life> {
  const attempt = async () => {
    const life = await deeds.startSession(user);
    const code = life ? await deeds.issueCode(life, 'shop') : null;
    if (life && code !== null) await deeds.exchange(life, 'shop', code);
    return life && life.grants.length > 0 && life;
  };
  return until(attempt, { timeoutMs: PATIENCE_MS, everyMs: 250, what: `${user} signed in` });
}
