import { setTimeout as delay } from 'node:timers/promises';
import type { Breakage, Faults } from './faults.js';
import type { Random } from './random.js';
import type { Recorder } from './recorder.js';

export interface FaultScriptOptions {
  readonly forMs: number;
  /** At most; a run that is to be short. */
  readonly count?: number;
  /** The share of faults that a second one comes beside. */
  readonly paired?: number;
  say(line: string): void;
}

/** Breaks one thing after the other and heals each; now and then a second one while the first lasts. All is whole when it resolves. */
export async function runFaults(
  faults: Faults,
  recorder: Recorder,
  random: Random,
  { forMs, count = Infinity, paired = 0.25, say }: FaultScriptOptions,
): Promise<void> {
  const over = performance.now() + forMs;
  for (let left = count; left > 0 && performance.now() < over; left--) {
    await delay(random.between(300, 1_500));
    const first = faults.next();
    const both = left > 1 && random.chance(paired) ? [first, faults.nextBeside(first)] : [first];
    left -= both.length - 1;
    await Promise.all(both.map((breakage) => suffer(breakage, recorder, say)));
  }
}

async function suffer(breakage: Breakage, recorder: Recorder, say: (line: string) => void): Promise<void> {
  const { name, target, blinds, ms } = breakage;
  await breakage.begin();
  const from = performance.now();
  say(`${name}: ${target}${ms > 0 ? ` (${ms} ms)` : ''}`);
  await delay(ms);
  const to = performance.now();
  await breakage.heal();
  recorder.add({ kind: 'fault', name, target, from, to, blinds });
}
