import { setImmediate } from 'node:timers/promises';
import { Latencies } from './latencies.js';
import type { Bounds, LoadResult } from './load.js';

/** After so many calls whatever else this process has to do is done, as it is between the requests of a server: a library that follows a feed must hear it. */
const BATCH = 500;

/** `given`: what the call gets, made anew for each, in time that does not count: a server's HTTP parser has it there. */
export interface Called<T> {
  readonly given: (n: number) => T;
  readonly call: (given: T) => Promise<unknown>;
}

/** Calls one after the other in this process, as one core makes them. A call that rejects is wrong. Latencies are means of batches: a clock costs more than a call. */
export async function callLoop<T>({ given, call }: Called<T>, bounds: Pick<Bounds, 'seconds' | 'requests'>): Promise<LoadResult> {
  const latencies = new Latencies();
  let [answered, wrong, calledMs] = [0, 0, 0];
  const until = performance.now() + bounds.seconds * 1_000;
  while (answered + wrong < bounds.requests) {
    const batch = Array.from({ length: BATCH }, (_, n) => given(answered + wrong + n));
    const batchAt = performance.now();
    if (batchAt >= until) break;
    for (const one of batch) {
      try {
        await call(one);
        answered++;
      } catch {
        wrong++;
      }
    }
    const ms = performance.now() - batchAt;
    calledMs += ms;
    latencies.add(ms / BATCH);
    await setImmediate();
  }
  const seconds = calledMs / 1_000;
  return { seconds, answered, wrong, perSecond: answered / seconds, latencyMs: latencies.percentiles };
}
