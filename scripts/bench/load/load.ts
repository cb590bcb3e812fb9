import type { Answer } from './connection.js';
import type { Percentiles } from './latencies.js';

/** What is asked of one server: requests as they go over the wire, and how a right answer looks. */
export interface Asked {
  readonly host: string;
  readonly port: number;
  /** The n-th request of a run; the same n gives the same request to every server. */
  readonly request: (n: number) => Buffer;
  readonly isRight: (answer: Answer) => boolean;
}

/** Every load is bounded twice: by its time and by its number of requests. */
export interface Bounds {
  readonly connections: number;
  readonly seconds: number;
  readonly requests: number;
}

export interface LoadResult {
  readonly seconds: number;
  readonly answered: number;
  /** Not the answer expected, or none. A figure with any is no figure. */
  readonly wrong: number;
  readonly perSecond: number;
  /** null: of a closed loop, where they would say nothing about waiting. */
  readonly latencyMs: Percentiles | null;
}
