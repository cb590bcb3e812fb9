import type { RevocationEntry, SourceName } from '#libs/contracts';
import type { Clock } from './clock.js';
import { EntrySet, type SetChunk } from './entry-set.js';
import { type Freshness, FreshnessTracker, type Proof } from './freshness.js';
import { OwnerClock } from './owner-clock.js';

/** What a token says of itself; `sid` only when it hangs from a session. Absent handles can't be hit. */
export interface TokenHandles {
  jti: string;
  sid?: string | undefined;
  gid?: string | undefined;
  sub: string;
  client_id: string;
  /** The key it was sealed or signed under, as its opener found it. */
  kid?: string | undefined;
  gen: readonly [subject: number, client: number];
}

export interface RevocationViewOptions {
  sources: readonly SourceName[];
  /** `max_access_token_ttl` + 10 min, constant: never derived from a session's own tokens (RELIABILITY 9). */
  horizonMs: number;
  /** X: no answer may be older. */
  boundMs: number;
  clock: Clock;
}

/** Whose clock `ownerNow` is, and whose readers' progress keeps generations in the set. */
const CLOCK_SOURCE: SourceName = 'session';
const GENERATION_SOURCE: SourceName = 'auth';

/** Slices of a horizon: each is one more place for a look-up to ask, and the fewer there are the longer an entry stays beyond its need. */
const SLICES = 2;

/**
 * The set and its proofs, for one process. Entries may come first as a hint and again from the log. Whoever answers from it asks
 * `freshness()` again when the answer is *sent*: a process that was paused in between must not answer from before its pause.
 */
export class RevocationView {
  private readonly set: EntrySet;
  private readonly proofs: FreshnessTracker;
  private readonly ownerClock: OwnerClock;
  private passedBefore = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: RevocationViewOptions) {
    this.set = new EntrySet(options.horizonMs / SLICES);
    this.proofs = new FreshnessTracker(options.sources, options.boundMs, options.clock);
    this.ownerClock = new OwnerClock(options.clock);
  }

  /** Answers with the entries that were news. */
  apply(entries: readonly RevocationEntry[]): RevocationEntry[] {
    return entries.filter((entry) => this.set.add(entry));
  }

  /** False: the proof says nothing new, or came too late to say anything. */
  applyProof(source: SourceName, proof: Proof): boolean {
    if (!this.proofs.prove(source, proof)) return false;
    if (source === CLOCK_SOURCE) this.ownerClock.read(proof.dbTime, proof.sentMonotonic);
    if (source === GENERATION_SOURCE) this.passedBefore = proof.unpassedSince;
    const now = this.ownerClock.now();
    if (now !== null) this.set.expire(now - this.options.horizonMs, this.passedBefore);
    return true;
  }

  /** The set stays; it is only no longer known to be complete. */
  gap(source: SourceName, reason: string): void {
    this.proofs.gap(source, reason);
  }

  /** The set as it is, a piece at a time; entries applied meanwhile may be missing from what is left. */
  chunks(): Generator<SetChunk> {
    return this.set.chunks();
  }

  isRevoked(token: TokenHandles): boolean {
    return (
      (token.sid !== undefined && this.set.hasEnded('session', token.sid)) ||
      (token.gid !== undefined && this.set.hasEnded('grant', token.gid)) ||
      this.set.hasEnded('token', token.jti) ||
      (token.kid !== undefined && this.refusesKey(token.kid)) ||
      this.refusesSubject(token.sub, token.gen[0]) ||
      this.refusesClient(token.client_id, token.gen[1])
    );
  }

  refusesKey(kid: string): boolean {
    return this.set.hasEnded('key', kid);
  }

  refusesSubject(sub: string, gen: number): boolean {
    return gen < this.set.generation('subject', sub);
  }

  refusesClient(clientId: string, gen: number): boolean {
    return gen < this.set.generation('client', clientId);
  }

  freshness(): Freshness {
    return this.proofs.judge();
  }

  /** For metrics and the doctor: what is held and how old each source's proof is. */
  state(): { entries: ReturnType<EntrySet['sizes']>; sources: ReturnType<FreshnessTracker['ages']> } {
    return { entries: this.set.sizes(), sources: this.proofs.ages() };
  }

  /** Milliseconds by the session source's database clock; null before the first proof. Judges `exp`, `iat` and the set's expiry. */
  ownerNow(): number | null {
    return this.ownerClock.now();
  }

  get size(): number {
    return this.set.size;
  }
}
