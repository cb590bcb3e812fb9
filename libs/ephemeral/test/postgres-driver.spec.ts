import { randomBytes } from 'node:crypto';
import { EPHEMERAL_CASES, Sweeper } from '#libs/ephemeral';
import { until } from '#libs/testing';
import { BROKEN_DRIVERS } from './broken-drivers.js';
import { type PostgresHarness, postgresHarness } from './postgres-harness.js';

let harness: PostgresHarness;
beforeAll(async () => {
  harness = await postgresHarness();
});
afterAll(() => harness.close());

describe('the Postgres driver keeps the contract', () => {
  it.each(EPHEMERAL_CASES.map((each) => [each.name, each] as const))('%s', (_name, each) => each.run(harness));
});

describe('the suite notices a driver that', () => {
  it.each(BROKEN_DRIVERS.map((broken) => [broken.fault, broken] as const))('%s', async (_fault, broken) => {
    const named = EPHEMERAL_CASES.find(({ name }) => name === broken.noticedBy);
    await expect(named?.run({ ...harness, ephemeral: broken.make(harness.ephemeral) })).rejects.toThrow();
  });
});

describe('what lies in the tables', () => {
  it('names no account, no address and no handle, and needs no WAL', async () => {
    const canary = `jane@${randomBytes(8).toString('hex')}`;
    await harness.ephemeral.counter('login.account').hit(canary, { limit: 5, windowMs: 60_000 });
    await harness.ephemeral.once('assertion').mark(canary, 60_000);
    await harness.ephemeral.objects('interaction').put(canary, { step: 'login' }, 60_000);
    for (const table of ['counter', 'mark', 'object']) {
      const rows = await harness.database.query(`SELECT t::text AS row FROM ephemeral.${table} t`);
      expect(rows.length).toBeGreaterThan(0);
      expect(JSON.stringify(rows)).not.toContain(canary);
    }
    const logged = await harness.database.query(
      "SELECT relname FROM pg_class WHERE relnamespace = 'ephemeral'::regnamespace AND relpersistence <> 'u'",
    );
    expect(logged).toEqual([]);
  });
});

describe('the sweeper', () => {
  it('reports a failed sweep and sweeps again at its next turn', async () => {
    const failures: unknown[] = [];
    let sweeps = 0;
    const flaky = { sweep: async () => (++sweeps === 1 ? Promise.reject(new Error('the database is away')) : 0) };
    const sweeper = new Sweeper(flaky, (error) => failures.push(error), 5);
    sweeper.start();
    await until(() => sweeps >= 3);
    await sweeper.stop();
    expect(failures).toHaveLength(1);
  });

  it('waits, when stopped, for the sweep under way', async () => {
    const order: string[] = [];
    let begun = () => {};
    let finish = () => {};
    const began = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const slow = {
      async sweep() {
        begun();
        await finished;
        order.push('swept');
        return 0;
      },
    };
    const sweeper = new Sweeper(slow, () => undefined, 5);
    sweeper.start();
    await began;
    const stopped = sweeper.stop().then(() => order.push('stopped'));
    finish();
    await stopped;
    expect(order).toEqual(['swept', 'stopped']);
  });
});
