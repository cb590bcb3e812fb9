import { randomBytes } from 'node:crypto';
import { EPHEMERAL_CASES } from '#libs/ephemeral';
import { BROKEN_DRIVERS } from './broken-drivers.js';
import { type RedisHarness, redisHarness } from './redis-harness.js';

let harness: RedisHarness;
beforeAll(async () => {
  harness = await redisHarness();
});
afterAll(() => harness?.close());

describe('the Redis driver keeps the contract', () => {
  it.each(EPHEMERAL_CASES.map((each) => [each.name, each] as const))('%s', (_name, each) => each.run(harness));
});

describe('the suite notices, on Redis, a driver that', () => {
  it.each(BROKEN_DRIVERS.map((broken) => [broken.fault, broken] as const))('%s', async (_fault, broken) => {
    const named = EPHEMERAL_CASES.find(({ name }) => name === broken.noticedBy);
    await expect(named?.run({ ...harness, ephemeral: broken.make(harness.ephemeral) })).rejects.toThrow();
  });
});

describe('what lies in Redis', () => {
  it('names no account, no address and no handle, and everything but the birth expires', async () => {
    const canary = `jane@${randomBytes(8).toString('hex')}`;
    await harness.ephemeral.counter('login.account').hit(canary, { limit: 5, windowMs: 60_000 });
    await harness.ephemeral.once('assertion').mark(canary, 60_000);
    await harness.ephemeral.objects('interaction').put(canary, { step: 'login' }, 60_000);
    const keys = await harness.server.admin.keys('*');
    expect(new Set(keys.map((key) => key.split(':')[1]))).toEqual(new Set(['born', 'counter', 'mark', 'object']));
    for (const key of keys) {
      const dump = (await harness.server.admin.dump(key)) ?? '';
      expect(`${key} ${dump}`).not.toContain(canary);
      if (key !== 'lanyard:born') expect(await harness.server.admin.pttl(key)).toBeGreaterThan(0);
    }
  });
});
