import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ALGORITHMS, isSigningAlg, SIGNING_ALGS, type SigningAlg } from './algorithms.js';

export interface PublicJwk extends JsonWebKey {
  readonly kty: string;
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly use: 'sig';
}

/** A public key and the algorithms it may be used with: the key decides, never the token (RFC 8725 §3.1). */
export interface VerificationKey {
  readonly kid: string | undefined;
  readonly algs: readonly SigningAlg[];
  readonly key: KeyObject;
}

/** null = not a key for verifying signatures with one of our algorithms; a set may hold such keys (RFC 7517 §5: ignored). */
export function verificationKey(jwk: JsonWebKey): VerificationKey | null {
  if (jwk.use !== undefined && jwk.use !== 'sig') return null;
  if (Array.isArray(jwk.key_ops) && !jwk.key_ops.includes('verify')) return null;
  const algs = usableAlgs(jwk);
  if (algs.length === 0) return null;
  try {
    const key = createPublicKey({ key: publicPart(jwk), format: 'jwk' });
    if (jwk.kty === 'RSA' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return null;
    return { kid: typeof jwk.kid === 'string' ? jwk.kid : undefined, algs, key };
  } catch {
    return null;
  }
}

function usableAlgs(jwk: JsonWebKey): SigningAlg[] {
  const fits = (alg: SigningAlg) => ALGORITHMS[alg].kty === jwk.kty && (!ALGORITHMS[alg].crv || ALGORITHMS[alg].crv === jwk.crv);
  if (jwk.alg === undefined) return SIGNING_ALGS.filter(fits);
  return isSigningAlg(jwk.alg) && fits(jwk.alg) ? [jwk.alg] : [];
}

function publicPart({ kty, crv, x, y, n, e }: JsonWebKey): JsonWebKey {
  return kty === 'RSA' ? { kty, n, e } : kty === 'EC' ? { kty, crv, x, y } : { kty, crv, x };
}
