import type { JsonWebKey } from 'node:crypto';
import { isSigningAlg } from './algorithms.js';
import { KeySet } from './key-set.js';
import { parseJwt } from './parse-jwt.js';
import { SingleFlight } from './single-flight.js';
import { type VerifiedJwt, type VerifyOptions, verifyParsed } from './verify-jwt.js';

export interface RemoteKeySetOptions {
  readonly fetch: () => Promise<{ keys: readonly JsonWebKey[] }>;
  /** Between two fetches for unknown key ids. 30 s towards strangers; our own services ask their owner each second. */
  readonly cooldownMs?: number;
  /** After this the set is read again behind the caller's back: how a removed key is noticed. The JWKS's max-age. */
  readonly maxAgeMs?: number;
  readonly monotonic?: () => number;
}

/**
 * Public keys that live elsewhere. A known key id is answered from memory, without a promise; an unknown one waits for one
 * shared fetch. The last good set is kept while the owner is away: those signatures are still what they were.
 */
export class RemoteKeySet {
  private set = new KeySet({ keys: [] });
  private version = 0;
  private readonly dropped = new Set<string>();
  private readAt = Number.NEGATIVE_INFINITY;
  private readonly flight: SingleFlight;
  private readonly maxAgeMs: number;
  private readonly monotonic: () => number;

  constructor(private readonly options: RemoteKeySetOptions) {
    this.monotonic = options.monotonic ?? (() => performance.now());
    this.maxAgeMs = options.maxAgeMs ?? 300_000;
    this.flight = new SingleFlight(() => this.read(), options.cooldownMs ?? 30_000, this.monotonic);
  }

  /** At start: after a failure not held back by the cooldown. Throws `KeysUnavailable`. */
  refresh(): Promise<void> {
    return this.flight.retry();
  }

  /**
   * A number that is another one whenever a key has left the set: what was verified with these keys is worth keeping while it stays. Reads the set
   * again behind the caller's back when it is old, as verifying does.
   */
  keysNow(): number {
    this.keepCurrent();
    return this.version;
  }

  /** Of the keys that are here now. */
  get kids(): readonly string[] {
    return this.set.kids;
  }

  /** A revoked key: gone at once and for good, also when an answer that was fetched before still has it. Its successor is fetched right away. */
  drop(kid: string): void {
    this.dropped.add(kid);
    this.take(this.set);
    this.flight.again().catch(() => undefined);
  }

  /** A promise only when a fetch is needed; it rejects with `KeysUnavailable`. */
  verify(jwt: string, expected: Omit<VerifyOptions, 'keys'>): VerifiedJwt | null | Promise<VerifiedJwt | null> {
    const parsed = parseJwt(jwt);
    // what could not be right under any key costs no fetch
    if (!parsed || !isSigningAlg(parsed.header.alg) || !expected.algs.includes(parsed.header.alg)) return null;
    const known = parsed.header.kid === undefined ? this.set.size > 0 : this.set.has(parsed.header.kid);
    if (!known) return this.flight.run().then(() => verifyParsed(parsed, { ...expected, keys: this.set }));
    this.keepCurrent();
    return verifyParsed(parsed, { ...expected, keys: this.set });
  }

  private keepCurrent(): void {
    if (this.monotonic() - this.readAt > this.maxAgeMs) this.flight.run().catch(() => undefined);
  }

  private async read(): Promise<void> {
    this.take(new KeySet(await this.options.fetch()));
    this.readAt = this.monotonic();
  }

  private take(read: KeySet): void {
    const set = read.without(this.dropped);
    if (!set.holdsAllOf(this.set)) this.version++;
    this.set = set;
  }
}
