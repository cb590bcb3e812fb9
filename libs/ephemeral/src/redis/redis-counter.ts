import type { Counter, CounterState, Limit } from '../counter.js';
import type { HashKey } from '../hashed-key.js';
import type { RedisStore } from './redis-store.js';
import { HIT, PEEK, REMOVE } from './scripts.js';

export class RedisCounter implements Counter {
  constructor(
    private readonly store: RedisStore,
    private readonly key: HashKey,
  ) {}

  async hit(key: string, { limit, windowMs }: Limit): Promise<CounterState> {
    const [count, left] = (await this.store.run(HIT, this.key(key), [limit, windowMs])).map(Number);
    return stateOf(count, left, (hits) => hits > limit);
  }

  async peek(key: string, { limit }: Limit): Promise<CounterState> {
    const [count, left] = (await this.store.run(PEEK, this.key(key))).map(Number);
    return stateOf(count, left, (hits) => hits >= limit);
  }

  async reset(key: string): Promise<void> {
    await this.store.run(REMOVE, this.key(key));
  }
}

function stateOf(count = 0, left = 0, refused: (hits: number) => boolean): CounterState {
  return { count, retryAfterMs: refused(count) ? Math.max(1, left) : null };
}
