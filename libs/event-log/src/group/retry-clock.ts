import { Ticker } from '../ticker.js';

/** The readers' own clock: waiting happens here, not in a client library that would throw the reader out of its group meanwhile. */
export interface RetryClock {
  monotonic(): number;
  /** Ends early when `stop` says so. */
  pause(ms: number, stop: () => boolean): Promise<void>;
  every(ms: number, work: () => Promise<void>): { stop(): Promise<void> };
}

const SLICE_MS = 50;

export const PROCESS_RETRY_CLOCK: RetryClock = {
  monotonic: () => performance.now(),
  async pause(ms, stop) {
    const until = performance.now() + ms;
    for (let left = ms; left > 0 && !stop(); left = until - performance.now()) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(left, SLICE_MS)));
    }
  },
  every(ms, work) {
    const ticker = new Ticker(ms, work);
    ticker.start();
    return ticker;
  },
};
