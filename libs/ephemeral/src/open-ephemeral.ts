import type { BaseConfig } from '#libs/config';
import { type Pepper, ServerClock, type Sql } from '#libs/database';
import type { Log, Readiness } from '#libs/http';
import type { Metrics } from '#libs/metrics';
import type { Ephemeral } from './ephemeral.js';
import { FallbackEphemeral } from './fallback/fallback-ephemeral.js';
import { PostgresEphemeral } from './postgres/postgres-ephemeral.js';
import { connectRedis } from './redis/redis-client.js';
import { RedisEphemeral } from './redis/redis-ephemeral.js';
import { type RedisEvents, RedisStore } from './redis/redis-store.js';

export interface EphemeralParts {
  readonly config: Pick<BaseConfig, 'redis'>;
  readonly sql: Sql;
  readonly pepper: Pepper;
  readonly log: Log;
  readonly readiness: Readiness;
  readonly metrics: Metrics;
}

/** Postgres alone, or Redis with Postgres behind it. Redis holds nothing that decides, so without it a process is ready all the same, and says so. */
export async function openEphemeral({ config, sql, pepper, ...told }: EphemeralParts): Promise<Ephemeral> {
  const postgres = new PostgresEphemeral(sql, pepper);
  if (!config.redis) return postgres;
  const { metrics } = told;
  const client = connectRedis(config.redis, () => undefined);
  const store = new RedisStore(client, await ServerClock.read(sql), eventsOf(told));
  metrics.collect('redis', ['lanyard_redis_up'], () => metrics.set('lanyard_redis_up', {}, store.isUp ? 1 : 0));
  await store.start();
  const fellBack = (contract: string) => metrics.add('lanyard_redis_fallbacks_total', { contract });
  return new FallbackEphemeral(new RedisEphemeral(store, pepper), postgres, store, fellBack);
}

function eventsOf({ log, readiness, metrics }: Pick<EphemeralParts, 'log' | 'readiness' | 'metrics'>): RedisEvents {
  return {
    changed(up, reason) {
      readiness.set('redis', true, up ? undefined : 'away: counters and objects are in Postgres, marks are refused');
      log[up ? 'info' : 'warn'](up ? 'Redis is used' : 'Redis is away', { reason });
    },
    bornAgain() {
      metrics.add('lanyard_redis_births_total', {});
      log.warn('Redis vouches for nothing from before now: it is new, or may have forgotten', {});
    },
    failed(kind) {
      metrics.add('lanyard_redis_errors_total', { kind });
    },
  };
}
