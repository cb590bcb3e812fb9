import { setImmediate } from 'node:timers/promises';
import { Latencies } from './latencies.js';
import type { Bounds, LoadResult } from './load.js';

/** After so many calls whatever else this process has to do is done, as it is between the requests of a server: a library that follows a feed must hear it. */
const BATCH = 500;

/** Calls one after the other in this process, as one core makes them. A call that rejects is wrong. Latencies are means of batches: a clock costs more than a call. */
export async function callLoop(call: (n: number) => Promise<unknown>, bounds: Pick<Bounds, 'seconds' | 'requests'>): Promise<LoadResult> {
  const latencies = new Latencies();
  let [answered, wrong] = [0, 0];
  const began = performance.now();
  const until = began + bounds.seconds * 1_000;
  while (answered + wrong < bounds.requests) {
    const batchAt = performance.now();
    if (batchAt >= until) break;
    for (let n = 0; n < BATCH; n++) {
      try {
        await call(answered + wrong);
        answered++;
      } catch {
        wrong++;
      }
    }
    latencies.add((performance.now() - batchAt) / BATCH);
    await setImmediate();
  }
  const seconds = (performance.now() - began) / 1_000;
  return { seconds, answered, wrong, perSecond: answered / seconds, latencyMs: latencies.percentiles };
}
