import type { Clock } from '#libs/revocation';

/** 2026-01-05, some hours after the keys were made. */
const BASE = Date.UTC(2026, 0, 5, 12);

/** The simulation's time, in milliseconds. It moves when the scheduler moves it, in the processes and in the database alike. */
export class SimulatedClock {
  /** Since the seed began: what every monotonic clock counts. */
  now = 0;

  /** What `lanyard.now()` answers. */
  get database(): number {
    return BASE + this.now;
  }

  /** A process on a machine whose date is wrong by `skewMs`. */
  of(skewMs: number): Clock {
    return { monotonic: () => this.now, wall: () => this.database + skewMs };
  }
}
