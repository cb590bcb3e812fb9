/** At most `limit` hits in a window of `windowMs`, which starts with its first hit. */
export interface Limit {
  readonly limit: number;
  readonly windowMs: number;
}

/** `retryAfterMs` is null while allowed; otherwise the time until the window ends (at least 1). */
export interface CounterState {
  readonly count: number;
  readonly retryAfterMs: number | null;
}

/**
 * Race 16 (RELIABILITY): the attempt is reserved before the costly work it guards, in one atomic step. With a read followed by
 * a write, 200 parallel wrong passwords all read zero and all 200 hashes run.
 */
export interface Counter {
  /** Reserves one attempt. Of any number of parallel hits in one window exactly `limit` are allowed. */
  hit(key: string, limit: Limit): Promise<CounterState>;
  /** What the next hit would meet, without reserving it: `retryAfterMs` is set when a hit now would be refused. */
  peek(key: string, limit: Limit): Promise<CounterState>;
  /** Forgets the key, e.g. after a success. */
  reset(key: string): Promise<void>;
}
