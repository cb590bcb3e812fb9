import { KeysUnavailable, parseJwt, RemoteKeySet, SIGNING_ALGS, type VerifiedJwt } from '#libs/keys';
import type { Clock } from '#libs/revocation';
import { objectOf } from './discovery.js';
import type { RevocationCopy } from './feed/revocation-copy.js';
import { printsOf } from './handles.js';
import type { Wire } from './wire/send.js';

const PATIENCE_MS = 2_000;
/** Between two readings for key ids that we don't have, whatever is made up. */
const COOLDOWN_MS = 30_000;
/** Between two attempts while the set can't be read. */
const RETRY_MS = 1_000;
/** The server's own `max-age` of the set. */
const MAX_AGE_MS = 300_000;
const EXPECTED = { algs: SIGNING_ALGS, typ: 'at+jwt' } as const;

/** Its key isn't here: the server has none of that name, or its keys could not be read. */
export interface MissingKey {
  readonly missing: 'unknown' | 'unreadable';
  readonly kid: string;
}

/** Null: not right under any key. */
export type Verification = VerifiedJwt | MissingKey | null;

export interface IssuerKeysOptions {
  readonly jwks: URL;
  readonly wire: Wire;
  readonly copy: Pick<RevocationCopy, 'hasEnded'>;
  readonly clock: Clock;
  readonly onTrouble: (message: string, error: unknown) => void;
}

/**
 * The server's public keys. A set that can't be read any more goes on being used: what is signed with its keys is what it was, and that one was revoked comes
 * by the feed, after which it is gone for the life of this process, whatever a reading brings.
 */
export class IssuerKeys {
  private readonly set: RemoteKeySet;
  private readonly revoked = new Set<string>();
  private triedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: IssuerKeysOptions) {
    const { clock } = options;
    const monotonic = () => clock.monotonic();
    this.set = new RemoteKeySet({ fetch: () => this.read(), cooldownMs: COOLDOWN_MS, maxAgeMs: MAX_AGE_MS, monotonic });
  }

  /** Another number whenever a key has left: what was verified before may be kept while it stays. */
  now(): number {
    return this.set.keysNow();
  }

  /** A promise only when the set must be read first. */
  verify(jwt: string): Verification | Promise<Verification> {
    const kid = parseJwt(jwt)?.header.kid;
    // One that names no key could not be refused by it; all of the server's name theirs.
    if (kid === undefined) return null;
    const verified = this.set.verify(jwt, EXPECTED);
    if (!(verified instanceof Promise)) return verified;
    return verified
      .catch((error: unknown) => this.again(jwt, kid, error))
      .then((known) => known ?? (this.set.kids.includes(kid) ? null : { missing: 'unknown', kid }));
  }

  /** The feed told of a revoked key. */
  keysEnded(): void {
    for (const kid of this.set.kids) {
      if (!this.options.copy.hasEnded(printsOf({ kid }))) continue;
      this.revoked.add(kid);
      this.set.drop(kid);
    }
  }

  /** A reading that failed is held back for a second, not for the cooldown of made-up key ids. */
  private async again(jwt: string, kid: string, error: unknown): Promise<Verification> {
    if (!(error instanceof KeysUnavailable)) throw error;
    if (this.options.clock.monotonic() - this.triedAt < RETRY_MS) return { missing: 'unreadable', kid };
    this.triedAt = this.options.clock.monotonic();
    try {
      await this.set.refresh();
      return await this.set.verify(jwt, EXPECTED);
    } catch {
      return { missing: 'unreadable', kid };
    }
  }

  private async read(): Promise<{ keys: Record<string, unknown>[] }> {
    const { jwks, wire, onTrouble } = this.options;
    try {
      const { status, text } = await wire.ask(jwks, { method: 'GET', timeoutMs: PATIENCE_MS });
      const keys = status === 200 ? objectOf(text)?.keys : undefined;
      if (!Array.isArray(keys)) throw new Error(`${jwks.href} answered ${status}, and no keys`);
      const usable = keys.filter((key: unknown) => isKey(key) && !this.isRevoked(key.kid));
      // A server without a key has lost its set, not its keys.
      if (usable.length === 0) throw new Error(`${jwks.href} has no key`);
      return { keys: usable };
    } catch (error) {
      onTrouble('the server’s keys can not be read', error);
      throw error;
    }
  }

  private isRevoked(kid: string): boolean {
    if (this.options.copy.hasEnded(printsOf({ kid }))) this.revoked.add(kid);
    return this.revoked.has(kid);
  }
}

function isKey(key: unknown): key is { kid: string } {
  return typeof key === 'object' && key !== null && 'kid' in key && typeof key.kid === 'string' && key.kid !== '';
}
