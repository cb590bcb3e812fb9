import { type Clock, ExpiringIds } from '#libs/revocation';
import type { TokenNames } from './token-names.js';

/** The longest horizon that a server can be told to have: no access token lives longer. */
const LONGEST_HORIZON_MS = (11 * 60 + 10) * 60_000;
const SLICES = 2;
/** 24 MB of fingerprints at most. */
const MOST = 1_000_000;

/** Tokens that this host alone refuses, until they have expired in any case. Monotonic time: a clock that is set must not bring one back. */
export class KilledTokens {
  private readonly ids = new ExpiringIds(LONGEST_HORIZON_MS / SLICES);
  private any = false;

  constructor(
    private readonly names: TokenNames,
    private readonly clock: Clock,
    private readonly most = MOST,
  ) {}

  /** Throws when there are too many: one that was killed is never forgotten for the sake of another. */
  add(text: string): void {
    const now = this.clock.monotonic();
    this.ids.expire(now - LONGEST_HORIZON_MS);
    if (this.ids.size >= this.most) throw new RangeError(`${this.most} tokens are killed here, and none of them may be forgotten yet`);
    this.ids.add(this.names.ofAnySpelling(text), now);
    this.any = true;
  }

  has(text: string): boolean {
    return this.any && this.ids.has(this.names.ofAnySpelling(text));
  }
}
