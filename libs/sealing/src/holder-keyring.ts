import type { WrappedSealingKey } from '#libs/contracts';
import { type Kek, SingleFlight } from '#libs/keys';
import type { OpenedAccessToken } from './access-token-claims.js';
import { kidOfHeader } from './jwe-header.js';
import { headerOf, keyFor, openWith } from './open-access-token.js';
import type { SealingKey } from './sealing-key.js';
import { SealingKeyring } from './sealing-keyring.js';
import { unwrapSealingKeys } from './unwrap-sealing-keys.js';

export interface HolderKeyringOptions {
  /** The token service's `/internal/sealing-keys`. */
  readonly fetch: () => Promise<{ keys: readonly WrappedSealingKey[] }>;
  readonly kek: Kek;
  /** At most one fetch for unknown key ids in this time (PROTOCOL, "What we decided"). */
  readonly cooldownMs?: number;
  /** The ring is read again behind a caller's back after this; far less than a key is pending before it seals. */
  readonly maxAgeMs?: number;
  readonly monotonic?: () => number;
}

/**
 * The sealing keys in a service that only opens (introspect, auth). A known key: no promise, no fetch. An unknown one: one
 * shared fetch a second; still unknown → null (inactive); the fetch failed → `KeysUnavailable` (503).
 */
export class HolderKeyring {
  private current = SealingKeyring.EMPTY;
  private version = 0;
  private readonly dropped = new Set<string>();
  private readAt = Number.NEGATIVE_INFINITY;
  private readonly flight: SingleFlight;
  private readonly monotonic: () => number;
  private readonly maxAgeMs: number;

  constructor(private readonly options: HolderKeyringOptions) {
    this.monotonic = options.monotonic ?? (() => performance.now());
    this.maxAgeMs = options.maxAgeMs ?? 60_000;
    this.flight = new SingleFlight(() => this.read(), options.cooldownMs ?? 1_000, this.monotonic);
  }

  get ring(): SealingKeyring {
    return this.current;
  }

  /**
   * At start, and whenever it should be current: after a failure not held back by the cooldown, which is there against made-up key ids.
   * Throws `KeysUnavailable`; its cause is a `KeyError` when the KEK is wrong.
   */
  refresh(): Promise<void> {
    return this.flight.retry();
  }

  /**
   * A number that is another one whenever a key has left the ring: what was opened is worth keeping while it stays. Reads the ring again behind the
   * caller's back when it is old, as opening a token does.
   */
  keysNow(): number {
    this.keepCurrent();
    return this.version;
  }

  /** A revoked key: gone at once and for good, also when an answer that was fetched before still has it. Its successor is fetched right away. */
  drop(kid: string): void {
    this.dropped.add(kid);
    this.take(this.current.keys);
    this.flight.again().catch(() => undefined);
  }

  open(token: string): OpenedAccessToken | null | Promise<OpenedAccessToken | null> {
    const header = headerOf(token);
    if (header === null) return null;
    const key = keyFor(header, this.current);
    if (!key) return kidOfHeader(header) === null ? null : this.openAfterFetch(header, token);
    this.keepCurrent();
    return openWith(key, header, token);
  }

  private async openAfterFetch(header: string, token: string): Promise<OpenedAccessToken | null> {
    await this.flight.run();
    const key = keyFor(header, this.current);
    return key ? openWith(key, header, token) : null;
  }

  private keepCurrent(): void {
    if (this.monotonic() - this.readAt > this.maxAgeMs) this.flight.run().catch(() => undefined);
  }

  private async read(): Promise<void> {
    this.take((await unwrapSealingKeys((await this.options.fetch()).keys, this.options.kek)).keys);
    this.readAt = this.monotonic();
  }

  private take(keys: readonly SealingKey[]): void {
    const ring = new SealingKeyring(keys.filter(({ kid }) => !this.dropped.has(kid)));
    // a key that joined opens nothing that was opened before; one that left must be noticed
    if (this.current.keys.some(({ kid }) => !ring.get(kid))) this.version++;
    this.current = ring;
  }
}
