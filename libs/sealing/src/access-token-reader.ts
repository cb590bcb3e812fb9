import { KeysUnavailable, SIGNING_ALGS, type SigningAlg, type VerifiedJwt, type VerifyOptions } from '#libs/keys';
import type { AccessTokenClaims } from '#libs/protocol';
import { isAccessTokenClaims } from './access-token-claims.js';
import { OPAQUE_PREFIX } from './open-access-token.js';

export type AccessTokenReading = AccessTokenClaims | null | 'unavailable';

export interface AccessTokenReaderOptions {
  readonly issuer: string;
  /** A `HolderKeyring`, or the token service's own keys. */
  readonly opaque: { open(token: string): AccessTokenClaims | null | Promise<AccessTokenClaims | null> };
  /** A `RemoteKeySet` of our own public keys, or the token service's own. */
  readonly jwt: { verify(jwt: string, expected: Omit<VerifyOptions, 'keys'>): VerifiedJwt | null | Promise<VerifiedJwt | null> };
  readonly algs?: readonly SigningAlg[];
}

/**
 * An access token of either form to its claims. null: not an access token of this issuer. 'unavailable': its key could not be
 * fetched, so nothing may be said about it. No promise unless a key had to be fetched. Expiry and revocation are judged after.
 */
export class AccessTokenReader {
  constructor(private readonly options: AccessTokenReaderOptions) {}

  read(token: string): AccessTokenReading | Promise<AccessTokenReading> {
    const claims = token.startsWith(OPAQUE_PREFIX) ? this.options.opaque.open(token) : this.readJwt(token);
    return claims instanceof Promise ? claims.then((value) => this.own(value), unavailable) : this.own(claims);
  }

  /** `typ` at+jwt is what tells an access token from our ID and logout tokens (RFC 9068 §2.1, §4). */
  private readJwt(token: string): AccessTokenClaims | null | Promise<AccessTokenClaims | null> {
    const verified = this.options.jwt.verify(token, { algs: this.options.algs ?? SIGNING_ALGS, typ: 'at+jwt' });
    return verified instanceof Promise ? verified.then(claimsOf) : claimsOf(verified);
  }

  private own(claims: AccessTokenClaims | null): AccessTokenClaims | null {
    return claims?.iss === this.options.issuer ? claims : null;
  }
}

function claimsOf(verified: VerifiedJwt | null): AccessTokenClaims | null {
  return verified && isAccessTokenClaims(verified.claims) ? verified.claims : null;
}

function unavailable(error: unknown): 'unavailable' {
  if (error instanceof KeysUnavailable) return 'unavailable';
  throw error;
}
