import type { OnApplicationShutdown } from '@nestjs/common';
import { unavailable } from '#libs/protocol';
import type { Counter, CounterState, Limit } from '../counter.js';
import type { Ephemeral } from '../ephemeral.js';
import type { ExpiringObject, ExpiringObjects } from '../expiring-objects.js';
import type { Once } from '../once.js';
import { RedisAway, type RedisStore } from '../redis/redis-store.js';

export type Contract = 'counter' | 'object' | 'mark';

/**
 * fallback/ owns what happens while Redis is away, by rule: marks fail closed (503: Postgres does not know what Redis knew), counters and objects are served
 * by Postgres. It may not know how either driver works. Every service makes one when LANYARD_REDIS_URL is set (docs/decisions/0024).
 */
export class FallbackEphemeral implements Ephemeral, OnApplicationShutdown {
  constructor(
    private readonly redis: Ephemeral,
    private readonly postgres: Ephemeral,
    private readonly store: Pick<RedisStore, 'age' | 'close'>,
    private readonly fellBack: (contract: Contract) => void,
  ) {}

  counter(namespace: string): Counter {
    const ports = { redis: this.redis.counter(namespace), postgres: this.postgres.counter(namespace) };
    return new FallbackCounter(ports, this.store, () => this.fellBack('counter'));
  }

  once(namespace: string): Once {
    const redis = this.redis.once(namespace);
    const closed = (error: unknown) => {
      if (!(error instanceof RedisAway)) throw error;
      this.fellBack('mark');
      throw unavailable('whether this was used before can not be known while Redis is away');
    };
    return { mark: (key, ttlMs) => redis.mark(key, ttlMs).catch(closed), bornAt: () => redis.bornAt().catch(closed) };
  }

  objects(namespace: string): ExpiringObjects {
    return new FallbackObjects(this.redis.objects(namespace), this.postgres.objects(namespace), () => this.fellBack('object'));
  }

  sweep(): Promise<number> {
    return this.postgres.sweep();
  }

  onApplicationShutdown(): Promise<void> {
    return this.store.close();
  }
}

/**
 * A Redis younger than the window may have forgotten hits of it, so until it is older Postgres counts. Without that every restart, flush or eviction would give
 * an attacker a window's attempts anew; with it there are two counts at most, so at most twice the limit in a window, however often Redis comes and goes.
 */
class FallbackCounter implements Counter {
  constructor(
    private readonly ports: { readonly redis: Counter; readonly postgres: Counter },
    private readonly store: Pick<RedisStore, 'age'>,
    private readonly fellBack: () => void,
  ) {}

  hit(key: string, limit: Limit): Promise<CounterState> {
    return this.first(limit, (counter) => counter.hit(key, limit));
  }

  peek(key: string, limit: Limit): Promise<CounterState> {
    return this.first(limit, (counter) => counter.peek(key, limit));
  }

  /** In both, or what was counted during an outage would outlive a success. What Redis keeps while it is away only refuses, for a window. */
  async reset(key: string): Promise<void> {
    const { redis, postgres } = this.ports;
    await Promise.all([postgres.reset(key), this.asked(() => redis.reset(key))]);
  }

  private async first({ windowMs }: Limit, ask: (counter: Counter) => Promise<CounterState>): Promise<CounterState> {
    const { redis, postgres } = this.ports;
    const remembers = () => this.store.age > windowMs;
    const state = remembers() ? await this.asked(() => ask(redis)) : null;
    // Asked again: with this very answer it may have become known that Redis has forgotten.
    return state && remembers() ? state : ask(postgres);
  }

  private async asked<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof RedisAway)) throw error;
      this.fellBack();
      return null;
    }
  }
}

/**
 * An object lives where it was put, and in one place: a put that Redis did not answer in time may be done late, so it is a 503 and not put again into
 * Postgres, or two takers would each find one (those who find Redis away already go there at once). Whoever looks for it looks in both, so what was put while Redis was away is found when it is back. What neither can show while
 * Redis is away may lie there: that is a 503 and not "expired". Keys are drawn anew for each object; one that is put again across an outage may be found as it was.
 */
class FallbackObjects implements ExpiringObjects {
  constructor(
    private readonly redis: ExpiringObjects,
    private readonly postgres: ExpiringObjects,
    private readonly fellBack: () => void,
  ) {}

  async put(key: string, value: unknown, ttlMs: number): Promise<ExpiringObject> {
    try {
      return await this.redis.put(key, value, ttlMs);
    } catch (error) {
      if (this.away(error).sent) throw unavailable('whether it was put into Redis is not known');
      return this.postgres.put(key, value, ttlMs);
    }
  }

  get(key: string): Promise<ExpiringObject | null> {
    return this.both((objects) => objects.get(key));
  }

  take(key: string): Promise<ExpiringObject | null> {
    return this.both((objects) => objects.take(key));
  }

  update(key: string, version: number, value: unknown): Promise<ExpiringObject | null> {
    return this.both((objects) => objects.update(key, version, value));
  }

  private async both(ask: (objects: ExpiringObjects) => Promise<ExpiringObject | null>): Promise<ExpiringObject | null> {
    let away = false;
    const found = await ask(this.redis).catch((error: unknown) => {
      this.away(error);
      away = true;
      return null;
    });
    const shown = found ?? (await ask(this.postgres));
    if (!shown && away) throw unavailable('what was asked for may lie in Redis, which is away');
    return shown;
  }

  private away(error: unknown): RedisAway {
    if (!(error instanceof RedisAway)) throw error;
    this.fellBack();
    return error;
  }
}
