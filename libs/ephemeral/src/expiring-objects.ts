/** `value` is what JSON carries; whoever reads it parses it with their own schema. */
export interface ExpiringObject {
  readonly value: unknown;
  readonly version: number;
  /** Milliseconds since the epoch, database clock. */
  readonly expiresAt: number;
}

/**
 * One-time objects: interactions, pushed requests. An expired object is gone, swept or not. Keys are secrets and are stored
 * only as HMACs; values are stored as they are, so no token, code, cookie or password belongs in them.
 */
export interface ExpiringObjects {
  /** Stores or replaces. Replacing raises the version, so that an `update` decided on the old object fails. */
  put(key: string, value: unknown, ttlMs: number): Promise<ExpiringObject>;
  get(key: string): Promise<ExpiringObject | null>;
  /** Reads and removes in one step: of any number of parallel takers exactly one gets it. Otherwise two posts of one form both go on. */
  take(key: string): Promise<ExpiringObject | null>;
  /** Writes only over `version`; null = someone was faster, or it is gone. The deadline stays. Otherwise the slower of two tabs undoes the other. */
  update(key: string, version: number, value: unknown): Promise<ExpiringObject | null>;
}
