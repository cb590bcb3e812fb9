import type { Asked, LoadResult } from './load/load.js';

/** One server under one kind of request, measured beside others. */
export interface Contender {
  readonly name: string;
  /** null: not on this machine, or not ours to look at. */
  readonly pid: number | null;
  /** Requests of one run; made before the clock starts. */
  readonly asked: (run: number) => Promise<Asked> | Asked;
}

/** Contenders that are measured in turn, so that what else the machine does meets them all alike. */
export interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly Contender[];
  /** The contender that the others are divided by. */
  readonly yardstick: string;
  readonly load: (asked: Asked) => Promise<LoadResult>;
}
