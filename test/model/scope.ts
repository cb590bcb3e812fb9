/**
 * test/model owns the explicit-state model of the way of a session's end (RELIABILITY): one session s, one other session b whose end shares
 * the log, one partition, one view. It runs the libraries' own reducers and may replace none; the steps around them (what happens
 * between two awaits, and what can go wrong there) are its own. `explore.ts` searches, `mutants.ts` says what has to be found.
 */

/** A minute: the smallest time in which the reducers' own constants differ (OVERLAP and the set's buckets are one, PATIENCE is less than one). */
export const TICK = 60_000;
/** The bound, in ticks. */
export const X = 2;
/** How long a transaction may be open, in ticks: what OVERLAP has to cover. */
export const OPEN_MAX = 1;
/** How far a new primary's clock lags. */
export const LAG = 2;
export const FOREVER = 1_000;

/** What may happen, and how often. Everything not said may happen any number of times within `ticks`. */
export interface Scope {
  readonly name: string;
  readonly ticks: number;
  /** A relay's step is one step, no relay dies and no connection breaks: for histories that need many steps of something else. */
  readonly calm: boolean;
  /** Whether the other session ends too. */
  readonly other: boolean;
  /** Ticks that a token lives from its liveness read; null: one token, for ever, and nobody issues more. */
  readonly ttl: number | null;
  readonly horizon: number;
  /** Ticks that numbered rows are kept; null: nothing is swept. */
  readonly keep: number | null;
  readonly requestDeadline: number;
  readonly hints: boolean;
  /** Verdicts are reached in one step and sent in another. */
  readonly slowAnswers: boolean;
  /** s's record is of a version that this process can't read. */
  readonly unreadable: boolean;
  readonly processRestarts: number;
  readonly databaseRestarts: number;
  readonly failOvers: number;
  readonly restores: number;
  /** Ticks that the machine is suspended: its monotonic clock stands still. */
  readonly sleeps: number;
  /** How often the wall clock is set back by X. */
  readonly wallSteps: number;
  /** Answers that lack a record which the next one has. */
  readonly skips: number;
  /** The log is Kafka's, and this is what may happen to it; null: Postgres's. */
  readonly kafka: KafkaScope | null;
}

export interface KafkaScope {
  /** Batches that may be on their way at once. */
  readonly relays: number;
  /** Watermarks by which the consumer may lag. */
  readonly backlog: number;
  /** Probes that may wait at once, each for its watermark. */
  readonly probes: number;
  /** How often the broker loses the end of what it acknowledged. */
  readonly losses: number;
  readonly duplicates: number;
  /** How often the consumer jumps ahead, untold. */
  readonly consumerSkips: number;
  readonly standby: boolean;
}

export const QUIET: Scope = {
  name: 'quiet',
  ticks: 3,
  calm: false,
  other: true,
  ttl: null,
  horizon: 100,
  keep: null,
  requestDeadline: 1,
  hints: false,
  slowAnswers: false,
  unreadable: false,
  processRestarts: 0,
  databaseRestarts: 0,
  failOvers: 0,
  restores: 0,
  sleeps: 0,
  wallSteps: 0,
  skips: 0,
  kafka: null,
};
