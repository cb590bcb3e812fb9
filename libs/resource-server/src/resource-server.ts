import type { AccessToken } from './access-token.js';
import type { Requirements } from './requirements.js';

/** Whether the copy may be believed at this moment, and if not why: for health checks and logs. */
export type Freshness =
  | { readonly fresh: true }
  | { readonly fresh: false; readonly source: string; readonly ageMs: number; readonly reason: string };

export interface ResourceServer {
  /**
   * The token of an `Authorization` header, or a BearerError that says what to answer. Nothing else is ever thrown for what a client sent; for requirements that
   * can't be meant a TypeError is, whatever the token.
   */
  verify(authorization: string | undefined, needs?: Requirements): Promise<AccessToken>;
  /** Refuses one token on this host alone, from now until it has expired. Throws RangeError at a million of them. */
  kill(token: string): void;
  /** Ends the feed. What is verified from then on goes by the policy for a copy that isn't current. */
  stop(): void;
  freshness(): Freshness;
  /** The copy of the revocation view: `size` in entries. */
  readonly copy: { freshness(): Freshness; readonly size: number };
}
