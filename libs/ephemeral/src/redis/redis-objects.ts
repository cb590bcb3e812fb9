import type { ExpiringObject, ExpiringObjects } from '../expiring-objects.js';
import type { HashKey } from '../hashed-key.js';
import type { RedisStore } from './redis-store.js';
import { GET, PUT, type Script, TAKE, UPDATE } from './scripts.js';

export class RedisObjects implements ExpiringObjects {
  constructor(
    private readonly store: RedisStore,
    private readonly key: HashKey,
  ) {}

  async put(key: string, value: unknown, ttlMs: number): Promise<ExpiringObject> {
    const stored = await this.one(PUT, key, [JSON.stringify(value), ttlMs]);
    if (!stored) throw new Error('an expiring object was not stored');
    return stored;
  }

  get(key: string): Promise<ExpiringObject | null> {
    return this.one(GET, key, []);
  }

  take(key: string): Promise<ExpiringObject | null> {
    return this.one(TAKE, key, []);
  }

  update(key: string, version: number, value: unknown): Promise<ExpiringObject | null> {
    return this.one(UPDATE, key, [version, JSON.stringify(value)]);
  }

  private async one(script: Script, key: string, args: readonly (string | number)[]): Promise<ExpiringObject | null> {
    const [version, value, expires] = await this.store.run(script, this.key(key), args);
    if (typeof value !== 'string') return null;
    return { value: JSON.parse(value) as unknown, version: Number(version), expiresAt: Number(expires) };
  }
}
