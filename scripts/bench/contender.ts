import type { Asked, LoadResult } from './load/load.js';

interface Measured {
  readonly name: string;
  /** null: not on this machine, or not ours to look at. */
  readonly pid: number | null;
}

/** One server under one kind of request, measured beside others. */
export interface AskedContender extends Measured {
  /** Requests of one run; made before the clock starts. */
  readonly asked: (run: number) => Promise<Asked> | Asked;
}

/** What is called in this process, and no server. */
export interface CalledContender extends Measured {
  readonly called: (run: number) => Promise<LoadResult>;
}

export type Contender = AskedContender | CalledContender;

/** Contenders that are measured in turn, so that what else the machine does meets them all alike. */
export interface Comparison {
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly Contender[];
  /** The contender that the others are divided by. */
  readonly yardstick: string;
  readonly load: (asked: Asked) => Promise<LoadResult>;
}

export interface Prepared {
  readonly comparison: Comparison;
  stop(): Promise<void>;
}
