import type { Random } from './random.js';

/** Things of one kind, most of them good for one use. When all are used, used ones are given out again: that is a request too. */
export class Stock<T> {
  private fresh: T[] = [];
  private used: T[] = [];

  fill(things: readonly T[]): void {
    this.fresh = [...things];
    this.used = [];
  }

  /** To be spent. */
  take(random: Random): T {
    if (this.fresh.length === 0) return this.any(random);
    const [thing] = this.fresh.splice(random.below(this.fresh.length), 1);
    this.used.push(thing as T);
    return thing as T;
  }

  /** To be looked at: a used one now and then. */
  any(random: Random): T {
    const among = this.fresh.length > 0 && random.chance(0.9) ? this.fresh : [...this.fresh, ...this.used];
    return random.of(among);
  }
}
