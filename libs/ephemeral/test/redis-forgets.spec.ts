import type { Once } from '#libs/ephemeral';
import { RedisServer, until } from '#libs/testing';
import { type RedisHarness, redisHarness } from './redis-harness.js';

/** What a caller does with a client assertion: good when it is new here and was made since this store forgot nothing. */
async function accepts(once: Once, assertion: { jti: string; issuedAt: number }): Promise<boolean> {
  const first = await once.mark(assertion.jti, 60_000);
  return first && assertion.issuedAt >= (await once.bornAt());
}

describe('a Redis that has forgotten marks lets nothing be used twice', () => {
  let harness: RedisHarness;
  let drawn = 0;
  beforeEach(async () => {
    harness = await redisHarness();
  });
  afterEach(() => harness?.close());

  /** Made now, long after the birth, and used once. */
  const used = async () => {
    await harness.advance(10_000);
    const assertion = { jti: `jti-${++drawn}`, issuedAt: harness.clock.now() };
    const once = harness.ephemeral.once('assertion');
    expect(await accepts(once, assertion)).toBe(true);
    expect(await accepts(once, assertion)).toBe(false);
    return { once, assertion };
  };
  const backAgain = () => until(() => harness.store.isUp, { what: 'Redis is back' });
  /** The mark is lost, or the test shows nothing; and what is made from now on is good again. */
  const refusesTheOldAndTakesTheNew = async ({ once, assertion }: Awaited<ReturnType<typeof used>>) => {
    expect(await once.mark(assertion.jti, 60_000)).toBe(true);
    expect(assertion.issuedAt).toBeLessThan(await once.bornAt());
    await used();
  };

  it('after FLUSHALL', async () => {
    const before = await used();
    await harness.server.admin.flushall();
    await refusesTheOldAndTakesTheNew(before);
  });

  it('after kill -9 and a start from an older snapshot, which holds the birth and not the mark', async () => {
    await used();
    await harness.server.admin.save();
    const before = await used();
    await harness.server.kill();
    await expect(before.once.mark('anything', 60_000)).rejects.toThrow('Redis is away');
    await harness.server.run();
    await backAgain();
    expect(await harness.server.admin.exists('lanyard:born')).toBe(1);
    await refusesTheOldAndTakesTheNew(before);
  });

  it('after it was made a replica of an older copy and promoted again, without a restart or a lost connection', async () => {
    const older = await RedisServer.start(['--repl-diskless-sync-delay', '0']);
    try {
      const born = await harness.server.admin.hgetall('lanyard:born');
      await older.admin.hset('lanyard:born', born);
      const before = await used();
      await harness.server.admin.replicaof('127.0.0.1', older.port);
      await until(async () => (await harness.server.admin.info('replication')).includes('master_link_status:up'));
      await expect(before.once.mark(before.assertion.jti, 60_000)).rejects.toThrow('Redis is away');
      await harness.server.admin.replicaof('NO', 'ONE');
      await backAgain();
      await refusesTheOldAndTakesTheNew(before);
    } finally {
      await older.close();
    }
  });

  it('after it evicted keys because its memory was full', async () => {
    const before = await used();
    const { admin } = harness.server;
    await admin.config('SET', 'maxmemory-policy', 'volatile-ttl');
    await admin.config('SET', 'maxmemory', '1');
    await admin.set('filler', 'x', 'PX', 1).catch(() => undefined);
    await until(async () => (await admin.keys('lanyard:mark:*')).length === 0, { what: 'the marks were evicted' });
    await admin.config('SET', 'maxmemory', '0');
    await refusesTheOldAndTakesTheNew(before);
  });

  it('after its clock went ahead, and marks expired before their time', async () => {
    const before = await used();
    // As if, at the birth, it had been five minutes less; what five minutes more do to marks is done by hand.
    await harness.server.admin.hincrby('lanyard:born', 'offset', -300_000);
    for (const key of await harness.server.admin.keys('lanyard:mark:*')) await harness.server.admin.del(key);
    await refusesTheOldAndTakesTheNew(before);
  });

  it('for a process that was not there when it forgot', async () => {
    const before = await used();
    await harness.server.admin.flushall();
    const { ephemeral } = await harness.another();
    expect(await accepts(ephemeral.once('assertion'), before.assertion)).toBe(false);
  });
});
