import { KeysUnavailable, SIGNING_ALGS, type SigningAlg, type VerifiedJwt, type VerifyOptions } from '#libs/keys';
import { isAccessTokenClaims, type OpenedAccessToken } from './access-token-claims.js';
import { OPAQUE_PREFIX } from './open-access-token.js';

export type AccessTokenReading = OpenedAccessToken | null | 'unavailable';

export interface AccessTokenReaderOptions {
  readonly issuer: string;
  /** A `HolderKeyring`, or the token service's own keys. */
  readonly opaque: {
    open(token: string): OpenedAccessToken | null | Promise<OpenedAccessToken | null>;
    drop?(kid: string): void;
    keysNow?(): number;
  };
  /** A `RemoteKeySet` of our own public keys, or the token service's own. */
  readonly jwt: {
    verify(jwt: string, expected: Omit<VerifyOptions, 'keys'>): VerifiedJwt | null | Promise<VerifiedJwt | null>;
    drop?(kid: string): void;
    keysNow?(): number;
  };
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

  /** Another number whenever a key has left: what was read before may be kept while it stays (`OpenedTokens`). */
  keysNow(): number {
    return (this.options.opaque.keysNow?.() ?? 0) + (this.options.jwt.keysNow?.() ?? 0);
  }

  /** For `ViewService.onKeyRevoked`. Until the horizon the view refuses such tokens by `kid`; after it nobody here has the key. */
  dropKey(kid: string): void {
    this.options.opaque.drop?.(kid);
    this.options.jwt.drop?.(kid);
  }

  /** `typ` at+jwt is what tells an access token from our ID and logout tokens (RFC 9068 §2.1, §4). */
  private readJwt(token: string): OpenedAccessToken | null | Promise<OpenedAccessToken | null> {
    const verified = this.options.jwt.verify(token, { algs: this.options.algs ?? SIGNING_ALGS, typ: 'at+jwt' });
    return verified instanceof Promise ? verified.then(claimsOf) : claimsOf(verified);
  }

  private own(claims: OpenedAccessToken | null): OpenedAccessToken | null {
    return claims?.iss === this.options.issuer ? claims : null;
  }
}

/** All of ours name their key; one that doesn't could not be refused by it. */
function claimsOf(verified: VerifiedJwt | null): OpenedAccessToken | null {
  if (verified?.header.kid === undefined || !isAccessTokenClaims(verified.claims)) return null;
  return Object.assign(verified.claims, { kid: verified.header.kid });
}

function unavailable(error: unknown): 'unavailable' {
  if (error instanceof KeysUnavailable) return 'unavailable';
  throw error;
}
