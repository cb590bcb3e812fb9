import type { SimulatedClock } from './clock.js';
import type { Random } from './random.js';
import type { Process, Scheduler } from './scheduler.js';

// biome-ignore lint/suspicious/noExplicitAny: the runtime's own functions have a dozen overloads each
type Any = any;

/** No process's own: a promise's timer outlives whoever waits for it, and harms nobody. */
const TIMERS: Process = { name: 'timers', incarnation: 0, alive: true, paused: false, mourners: new Set() };

/**
 * The ports that the cores take from the runtime itself: randomness, clocks, timers. Lent to one seed and given back, so that a seed draws
 * the same identifiers and hears the same timers every time.
 */
export async function borrowRuntime<T>(scheduler: Scheduler, random: Random, clock: SimulatedClock, work: () => Promise<T>): Promise<T> {
  const crypto: Any = process.getBuiltinModule('node:crypto');
  const real = {
    bytes: crypto.randomBytes,
    random: Math.random,
    now: performance.now,
    date: Date.now,
    set: setTimeout,
    clear: clearTimeout,
  };
  const stops = new Map<number, () => void>();
  crypto.randomBytes = (count: number) => random.bytes(count);
  Math.random = () => random.next();
  performance.now = () => clock.now;
  Date.now = () => clock.database;
  globalThis.setTimeout = ((fire: (...given: Any[]) => void, ms = 0, ...given: Any[]) => {
    const id = stops.size + 1;
    stops.set(
      id,
      scheduler.later(TIMERS, `fires after ${Math.round(ms)} ms`, ms, () => fire(...given)),
    );
    return id;
  }) as Any;
  globalThis.clearTimeout = ((id: Any) => stops.get(Number(id))?.()) as Any;
  try {
    return await work();
  } finally {
    crypto.randomBytes = real.bytes;
    Math.random = real.random;
    performance.now = real.now;
    Date.now = real.date;
    globalThis.setTimeout = real.set;
    globalThis.clearTimeout = real.clear;
  }
}
