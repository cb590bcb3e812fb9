import type { HashKey } from '../hashed-key.js';
import type { Once } from '../once.js';
import type { RedisStore } from './redis-store.js';
import { MARK } from './scripts.js';

export class RedisOnce implements Once {
  constructor(
    private readonly store: RedisStore,
    private readonly key: HashKey,
  ) {}

  async mark(key: string, ttlMs: number): Promise<boolean> {
    const [won] = await this.store.run(MARK, this.key(key), [ttlMs]);
    return Number(won) === 1;
  }

  bornAt(): Promise<number> {
    return this.store.know();
  }
}
