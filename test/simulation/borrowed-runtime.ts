import type { SimulatedClock } from './clock.js';
import type { Random } from './random.js';
import type { Process, Scheduler } from './scheduler.js';

// biome-ignore lint/suspicious/noExplicitAny: the runtime's own functions have a dozen overloads each
type Any = any;

/** No process's own: a promise's timer outlives whoever waits for it, and harms nobody. */
const TIMERS: Process = { name: 'timers', incarnation: 0, alive: true, paused: false, mourners: new Set() };

type Runtime = Record<'bytes' | 'random' | 'now' | 'date' | 'set' | 'clear', Any>;

const crypto: Any = process.getBuiltinModule('node:crypto');
const REAL: Runtime = {
  bytes: crypto.randomBytes,
  random: Math.random,
  now: performance.now.bind(performance),
  date: Date.now,
  set: setTimeout,
  clear: clearTimeout,
};
let runtime = REAL;
let isInstalled = false;

/** Once: jest keeps whatever is put on its global object, and with it every seed that would put something there. */
function install(): void {
  if (isInstalled) return;
  isInstalled = true;
  crypto.randomBytes = (...given: Any[]) => runtime.bytes(...given);
  Math.random = () => runtime.random();
  performance.now = () => runtime.now();
  Date.now = () => runtime.date();
  globalThis.setTimeout = ((...given: Any[]) => runtime.set(...given)) as Any;
  globalThis.clearTimeout = ((...given: Any[]) => runtime.clear(...given)) as Any;
}

/**
 * The ports that the cores take from the runtime itself: randomness, clocks, timers. Lent to one seed and given back, so that a seed draws
 * the same identifiers and hears the same timers every time.
 */
export async function borrowRuntime<T>(scheduler: Scheduler, random: Random, clock: SimulatedClock, work: () => Promise<T>): Promise<T> {
  install();
  const stops = new Map<number, () => void>();
  runtime = {
    bytes: (count: number) => random.bytes(count),
    random: () => random.next(),
    now: () => clock.now,
    date: () => clock.database,
    set: (fire: (...given: Any[]) => void, ms = 0, ...given: Any[]) => {
      const id = stops.size + 1;
      stops.set(
        id,
        scheduler.later(TIMERS, `fires after ${Math.round(ms)} ms`, ms, () => fire(...given)),
      );
      return id;
    },
    clear: (id: Any) => stops.get(Number(id))?.(),
  };
  try {
    return await work();
  } finally {
    runtime = REAL;
  }
}
