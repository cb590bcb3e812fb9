import type { Server } from './compare.js';
import type { Flaw } from './flaws.js';
import { Model } from './model.js';

/** A server in memory that breaks one promise; without a flaw: none. */
export function forged(flaw?: Flaw): Server {
  const model = new Model(flaw);
  return { bound: 0, take: (step) => model.take(step), active: () => model.active() };
}
