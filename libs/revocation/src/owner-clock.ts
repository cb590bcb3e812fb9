import type { Clock } from './clock.js';

/**
 * The one clock for what is judged by time (RELIABILITY 8): the session source's database clock as last read, plus monotonic time
 * since. Counted from the reading's *send*, so it is at most a round trip early (a proof with a longer one than the bound is not taken)
 * and never late: a token never outlives its `exp`.
 * It never goes back, also when the database's clock does: what has expired here stays expired.
 */
export class OwnerClock {
  private base: { dbTime: number; monotonic: number } | null = null;
  private highest = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  read(dbTime: number, sentMonotonic: number): void {
    if (this.base && sentMonotonic < this.base.monotonic) return;
    this.now();
    this.base = { dbTime, monotonic: sentMonotonic };
  }

  now(): number | null {
    if (!this.base) return null;
    const reading = Math.floor(this.base.dbTime + Math.max(0, this.clock.monotonic() - this.base.monotonic));
    if (reading > this.highest) this.highest = reading;
    return this.highest;
  }
}
