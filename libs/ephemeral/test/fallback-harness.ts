import { connectRedis, type EphemeralHarness, FallbackEphemeral, RedisEphemeral, type RedisEvents, RedisStore } from '#libs/ephemeral';
import { until } from '#libs/testing';
import { type PostgresHarness, postgresHarness } from './postgres-harness.js';
import { type RedisHarness, redisHarness, testPepper } from './redis-harness.js';

export interface FallbackHarness extends EphemeralHarness {
  readonly redis: RedisHarness;
  readonly postgres: PostgresHarness;
  readonly store: RedisStore;
  /** What was told, in order: `up`, `away`, `born`, `timeout`, `connection`, `refused`, `counter`, `object`, `mark`. */
  readonly told: string[];
  back(): Promise<unknown>;
  close(): Promise<void>;
}

/** Both real servers, as a service has them. `commandMs` is what it is in a service where the test is about waiting. */
export async function fallbackHarness(commandMs = 5_000): Promise<FallbackHarness> {
  const [redis, postgres] = await Promise.all([redisHarness(), postgresHarness()]);
  const told: string[] = [];
  const events: RedisEvents = {
    changed: (up) => told.push(up ? 'up' : 'away'),
    bornAgain: () => told.push('born'),
    failed: (kind) => told.push(kind),
  };
  const store = new RedisStore(
    connectRedis({ url: redis.server.url, ca: null }, () => undefined),
    redis.clock,
    events,
    commandMs,
  );
  await store.start();
  const ephemeral = new FallbackEphemeral(new RedisEphemeral(store, testPepper), postgres.ephemeral, store, (contract) =>
    told.push(contract),
  );
  return {
    redis,
    postgres,
    store,
    told,
    sweepsItself: true,
    ephemeral,
    advance: async (ms) => {
      await Promise.all([redis.advance(ms), postgres.advance(ms)]);
    },
    lose: () => redis.lose(),
    back: () => until(() => store.isUp, { what: 'Redis is used again' }),
    close: async () => {
      await ephemeral.onApplicationShutdown();
      await Promise.all([redis.close(), postgres.close()]);
    },
  };
}
