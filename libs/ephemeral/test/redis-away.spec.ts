import { until } from '#libs/testing';
import { type FallbackHarness, fallbackHarness } from './fallback-harness.js';

const HOUR = 3_600_000;
const MINUTE = 60_000;
/** 50 in a service. Here whoever is late must have been stopped by the test, not by a busy machine. */
const COMMAND_MS = 1_000;
const UNAVAILABLE = { catalogueName: 'temporarily_unavailable', status: 503 };

let harness: FallbackHarness;
beforeEach(async () => {
  harness = await fallbackHarness(COMMAND_MS);
  await harness.advance(HOUR);
});
afterEach(() => harness?.close());

interface Outage {
  begin(): unknown;
  end(): unknown;
}
/** Real faults of the real server. A pause keeps what it holds, a kill -9 of a Redis without persistence loses it. */
const OUTAGES: Record<string, () => Outage> = {
  'kill -9': () => ({ begin: () => harness.redis.server.kill().then(noticed), end: () => harness.redis.server.run() }),
  SIGSTOP: () => ({ begin: () => harness.redis.server.pause(), end: () => harness.redis.server.resume() }),
};
/** The server is dead, and this process has read so from its socket: what is written before that is on its way to nobody. */
const noticed = () => until(() => !harness.store.isUp, { what: 'the connection is known to be closed' });
const KINDS = Object.keys(OUTAGES);
const outageOf = (kind: string): Outage => {
  const make = OUTAGES[kind];
  if (!make) throw new Error(kind);
  return make();
};

describe('marks fail closed', () => {
  it.each(KINDS)('%s: 503 until Redis is back, then by itself again', async (kind) => {
    const [once, outage] = [harness.ephemeral.once('assertion'), outageOf(kind)];
    expect(await once.mark('before', MINUTE)).toBe(true);
    await outage.begin();
    await expect(once.mark('before', MINUTE)).rejects.toMatchObject(UNAVAILABLE);
    await expect(once.mark('during', MINUTE)).rejects.toMatchObject(UNAVAILABLE);
    await expect(once.bornAt()).rejects.toMatchObject(UNAVAILABLE);
    expect(await harness.postgres.database.query('SELECT 1 FROM ephemeral.mark')).toEqual([]);
    await outage.end();
    await harness.back();
    const forgotten = await once.mark('before', MINUTE);
    // Either it still knows, or its birth says that it does not.
    expect(forgotten).toBe(kind === 'kill -9');
    if (forgotten) expect(await once.bornAt()).toBeGreaterThanOrEqual(harness.redis.clock.now() - 1_000);
  });
});

describe('counters go on in Postgres', () => {
  const limit = { limit: 5, windowMs: HOUR / 2 };
  const allowedOf = async (times: number) => {
    const counter = harness.ephemeral.counter('login.account');
    const states = await Promise.all(Array.from({ length: times }, () => counter.hit('jane', limit)));
    return states.filter(({ retryAfterMs }) => retryAfterMs === null).length;
  };

  it.each(KINDS)('%s, three times in a window: twice the limit at most, and then a full stop', async (kind) => {
    let allowed = await allowedOf(20);
    expect(allowed).toBe(5);
    for (let round = 0; round < 3; round++) {
      const outage = outageOf(kind);
      await outage.begin();
      allowed += await allowedOf(20);
      await outage.end();
      await harness.back();
      allowed += await allowedOf(20);
    }
    expect(allowed).toBe(10);
    expect(await harness.ephemeral.counter('login.account').peek('jane', limit)).toMatchObject({ retryAfterMs: expect.any(Number) });
  });

  it('FLUSHALL in the middle of 200 parallel hits, and again and again: twice the limit at most', async () => {
    let allowed = 0;
    for (let round = 0; round < 4; round++) {
      const hits = allowedOf(200);
      await harness.redis.server.admin.flushall();
      allowed += await hits;
    }
    expect(allowed).toBeGreaterThanOrEqual(5);
    expect(allowed).toBeLessThanOrEqual(10);
    expect(await allowedOf(20)).toBe(0);
  });

  it('a Redis that forgot counts again once it is older than the window', async () => {
    await harness.redis.server.admin.flushall();
    await allowedOf(5);
    expect(await harness.postgres.database.query('SELECT hits FROM ephemeral.counter')).toEqual([{ hits: 5 }]);
    await harness.advance(HOUR / 2 + 2_000);
    expect(await allowedOf(20)).toBe(5);
    expect(await harness.redis.server.admin.keys('lanyard:counter:*')).toHaveLength(1);
  });

  it('a success forgets both counts', async () => {
    const counter = harness.ephemeral.counter('login.account');
    await allowedOf(4);
    harness.redis.server.pause();
    await allowedOf(4);
    harness.redis.server.resume();
    await harness.back();
    await counter.reset('jane');
    expect(await counter.hit('jane', limit)).toEqual({ count: 1, retryAfterMs: null });
    harness.redis.server.pause();
    expect(await counter.hit('jane', limit)).toEqual({ count: 1, retryAfterMs: null });
    harness.redis.server.resume();
  });
});

describe('objects are looked for in both', () => {
  it.each(KINDS)('%s: one put meanwhile is found, changed and taken once Redis is back, by one taker', async (kind) => {
    const [objects, outage] = [harness.ephemeral.objects('interaction'), outageOf(kind)];
    await outage.begin();
    // Who finds it out may have been heard: that one is asked to try again, or there would be two of it.
    if (kind === 'SIGSTOP') await expect(objects.put('handle', { step: 'lost' }, MINUTE)).rejects.toMatchObject(UNAVAILABLE);
    const put = await objects.put('another handle', { step: 'login' }, MINUTE);
    await outage.end();
    await harness.back();
    expect(await objects.get('another handle')).toEqual(put);
    expect((await objects.update('another handle', put.version, { step: 'consent' }))?.value).toEqual({ step: 'consent' });
    const taken = await Promise.all(Array.from({ length: 50 }, () => objects.take('another handle')));
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('one put before a pause is a 503 during it, never "expired", and there again after it', async () => {
    const objects = harness.ephemeral.objects('interaction');
    const put = await objects.put('handle', { step: 'login' }, MINUTE);
    harness.redis.server.pause();
    await expect(objects.get('handle')).rejects.toMatchObject(UNAVAILABLE);
    await expect(objects.update('handle', put.version, {})).rejects.toMatchObject(UNAVAILABLE);
    harness.redis.server.resume();
    await harness.back();
    expect(await objects.get('handle')).toEqual(put);
  });

  it('one that Redis lost is gone, and a new one is served', async () => {
    const objects = harness.ephemeral.objects('interaction');
    await objects.put('handle', { step: 'login' }, MINUTE);
    await harness.redis.server.admin.flushall();
    expect(await objects.get('handle')).toBeNull();
    await objects.put('another', { step: 'login' }, MINUTE);
    expect((await objects.get('another'))?.value).toEqual({ step: 'login' });
  });
});

describe('an outage', () => {
  it('costs those who were waiting the time of a command and nobody after them, and its end is one question and no stampede', async () => {
    const objects = harness.ephemeral.objects('interaction');
    await objects.put('handle', {}, MINUTE);
    harness.told.length = 0;
    harness.redis.server.pause();
    await Promise.allSettled(Array.from({ length: 100 }, () => objects.get('handle')));
    expect(harness.told.filter((each) => each === 'away')).toHaveLength(1);
    const asked = () => harness.told.filter((each) => each === 'timeout' || each === 'connection').length;
    const before = asked();
    for (let i = 0; i < 20; i++) await Promise.allSettled(Array.from({ length: 100 }, () => objects.get('handle')));
    // Of 2,000 none asked Redis; the probe did, now and then.
    expect(asked() - before).toBeLessThan(100);
    expect(harness.told.filter((each) => each === 'object')).toHaveLength(2_100);
    harness.redis.server.resume();
    await harness.back();
    expect(harness.told.filter((each) => each === 'up')).toHaveLength(1);
  });

  it('at the start is no reason not to start', async () => {
    await harness.redis.server.kill();
    const { store, ephemeral } = await harness.redis.another();
    expect(store.isUp).toBe(false);
    await expect(ephemeral.once('assertion').mark('x', MINUTE)).rejects.toThrow('Redis is away');
    await harness.redis.server.run();
    await harness.back();
  });
});
