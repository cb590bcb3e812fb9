/**
 * Replay caches: a `jti` of a client assertion or a DPoP proof counts once. With a look-up followed by an insert, two copies
 * sent at the same moment would both pass.
 */
export interface Once {
  /** True for exactly one caller per key until `ttlMs` is over; false for every other. */
  mark(key: string, ttlMs: number): Promise<boolean>;
  /**
   * Since when this store has forgotten nothing, milliseconds since the epoch. A crash empties it; what was issued before
   * this moment may have been used already and must be refused (PROTOCOL, "Replay caches carry born_at"). Ask after `mark`:
   * asked before, a store emptied in between would vouch for a time it no longer knows.
   */
  bornAt(): Promise<number>;
}
