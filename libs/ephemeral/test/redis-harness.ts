import { Pepper } from '#libs/database';
import { connectRedis, type EphemeralHarness, RedisEphemeral, RedisStore } from '#libs/ephemeral';
import { RedisServer } from '#libs/testing';

/** Patience instead of the 50 ms of the real thing: what is proved here is the answers, on a machine that may be busy. */
const PATIENCE_MS = 5_000;

export class TestClock {
  offsetMs = 0;

  now(): number {
    return Date.now() + this.offsetMs;
  }
}

export interface RedisHarness extends EphemeralHarness {
  readonly server: RedisServer;
  readonly clock: TestClock;
  readonly store: RedisStore;
  /** Another process on the same server. */
  another(clock?: TestClock): Promise<{ store: RedisStore; ephemeral: RedisEphemeral }>;
  close(): Promise<void>;
}

export const testPepper = new Pepper('p'.repeat(32));

/**
 * The clock is moved by shortening what is left of every key, as if that time had passed: libfaketime, which would turn the server's own, can't be
 * loaded into Debian's redis-server (its jemalloc asks for the time inside libfaketime's first call: "Cannot recover from unexpected recursive calls").
 */
export async function redisHarness(): Promise<RedisHarness> {
  const server = await RedisServer.start();
  const clock = new TestClock();
  const stores: RedisStore[] = [];
  const another = async (own = clock) => {
    const events = { changed: () => undefined, bornAgain: () => undefined, failed: () => undefined };
    const client = connectRedis({ url: server.url, ca: null }, () => undefined);
    const store = new RedisStore(client, own, events, PATIENCE_MS);
    stores.push(store);
    await store.start();
    return { store, ephemeral: new RedisEphemeral(store, testPepper) };
  };
  return {
    server,
    clock,
    another,
    ...(await another()),
    sweepsItself: true,
    async advance(ms) {
      clock.offsetMs += ms;
      for (const key of await server.admin.keys('*')) {
        const left = await server.admin.pttl(key);
        if (left >= 0) await server.admin.pexpire(key, Math.max(0, left - ms));
      }
    },
    async lose() {
      await server.admin.flushall();
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()));
      await server.close();
    },
  };
}
