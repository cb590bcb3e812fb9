import { Random } from '../../chaos/random.js';

/** Requests of which each is sent any number of times, in an order that a seed fixes. */
export function inRandomOrder(requests: readonly Buffer[], seed: number): (n: number) => Buffer {
  const random = new Random(seed);
  const order = Uint32Array.from({ length: 1 << 16 }, () => random.below(requests.length));
  return (n) => requests[order[n % order.length] as number] as Buffer;
}

/** One after the other; begins again at the end. */
export function inTurn(requests: readonly Buffer[]): (n: number) => Buffer {
  return (n) => requests[n % requests.length] as Buffer;
}

/** The same requests for all contenders of a run, made once, and let go with the next run. */
export function perRun<T>(make: (run: number) => Promise<T> | T): (run: number) => Promise<T> {
  let last: { run: number; made: Promise<T> } | null = null;
  return (run) => {
    if (last?.run !== run) last = { run, made: Promise.resolve(make(run)) };
    return last.made;
  };
}
