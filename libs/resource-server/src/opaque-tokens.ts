import type { RevocationCopy } from './feed/revocation-copy.js';
import type { KnownToken } from './known-token.js';
import { LONGEST_BOUND_MS } from './options.js';
import type { Answered } from './questions.js';
import { Remembered } from './remembered.js';

interface Kept {
  readonly known: KnownToken;
  readonly change: number;
}

/**
 * What the server said of tokens that only it can open, for as long as nothing came in between. That is what a token says, never a verdict: whether it may be
 * used is asked of the copy each time. The generations of its user and client it does not say, so an answer counts only while they are what they were.
 */
export class OpaqueTokens {
  private readonly answers = new Remembered<Kept>();

  constructor(private readonly copy: RevocationCopy) {}

  known(name: string): KnownToken | undefined {
    const kept = this.answers.get(name);
    if (!kept) return undefined;
    if (this.isSameSince(kept.known, kept.change)) return kept.known;
    this.answers.delete(name);
    return undefined;
  }

  keep(name: string, { known, change }: Answered, length: number): void {
    this.answers.set(name, { known, change }, length);
  }

  forget(name: string): void {
    this.answers.delete(name);
  }

  /**
   * Whether the answer has certainly taken into account everything that this copy knows against the token's user and client. It came from a view that may lag by the
   * server's bound (the longest there is, where it does not say), so what was heard here less than that before the question it may not have seen.
   */
  covers({ known, change, sent }: Answered): boolean {
    const settled = sent.monotonic - (this.copy.serverBoundMs ?? LONGEST_BOUND_MS);
    return this.raises(known).every((raise) => raise.change <= change && raise.heard <= settled);
  }

  get size(): number {
    return this.answers.size;
  }

  private isSameSince(known: KnownToken, change: number): boolean {
    if (this.copy.generations.changes === change) return true;
    return this.raises(known).every((raise) => raise.change <= change);
  }

  private raises({ subject, client }: KnownToken) {
    return [this.copy.raise('subject', subject), this.copy.raise('client', client)].filter((raise) => raise !== undefined);
  }
}
