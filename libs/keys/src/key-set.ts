import type { JsonWebKey } from 'node:crypto';
import type { SigningAlg } from './algorithms.js';
import { type VerificationKey, verificationKey } from './verification-key.js';

/** A set larger than this is not a key set but an attack on whoever has to try the keys. */
const MAX_KEYS = 100;
/** How many keys are tried for a token without `kid`. */
const MAX_TRIES = 4;

/** Public keys, ready to verify. Immutable: a new fetch makes a new set. */
export class KeySet {
  private readonly byKid = new Map<string, VerificationKey[]>();
  private readonly all: VerificationKey[] = [];

  constructor(private readonly jwks: { keys: readonly JsonWebKey[] }) {
    for (const jwk of jwks.keys.slice(0, MAX_KEYS)) {
      const key = verificationKey(jwk);
      if (!key) continue;
      this.all.push(key);
      if (key.kid !== undefined) this.byKid.set(key.kid, [...(this.byKid.get(key.kid) ?? []), key]);
    }
  }

  /** The same without these: keys that were revoked. */
  without(kids: ReadonlySet<string>): KeySet {
    return new KeySet({ keys: this.jwks.keys.filter(({ kid }) => typeof kid !== 'string' || !kids.has(kid)) });
  }

  /** Whether every key of `other` is here, unchanged. */
  holdsAllOf(other: KeySet): boolean {
    const here = new Set(this.jwks.keys.map((jwk) => JSON.stringify(jwk)));
    return other.jwks.keys.every((jwk) => here.has(JSON.stringify(jwk)));
  }

  has(kid: string): boolean {
    return this.byKid.has(kid);
  }

  get size(): number {
    return this.all.length;
  }

  get kids(): readonly string[] {
    return [...this.byKid.keys()];
  }

  /** The keys a token with this header may be tried with. A `kid` we don't have finds nothing, whatever else would fit. */
  candidates(kid: string | undefined, alg: SigningAlg): VerificationKey[] {
    const from = kid === undefined ? this.all : (this.byKid.get(kid) ?? []);
    return from.filter((key) => key.algs.includes(alg)).slice(0, MAX_TRIES);
  }
}
