import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify } from 'jose';
import { type AccessToken, accessTokenOf } from './access-token.js';
import { badToken, cannotSay } from './bearer-error.js';
import { BoundedMap } from './bounded-map.js';

export interface VerifiedJwt {
  readonly token: AccessToken;
  readonly kid: string | undefined;
  readonly gen: readonly [subject: number, client: number];
}

const ALGORITHMS = ['ES256', 'ES384', 'EdDSA', 'Ed25519', 'RS256', 'PS256'];
const REMEMBERED = 10_000;
const LONGEST = 16 * 1024;

/**
 * RFC 9068 tokens: signature, type and issuer, by the server's keys. What a token says is a function of the token and its key, so it is remembered; whether it
 * may be used never is.
 */
export class JwtTokens {
  private readonly verified = new BoundedMap<string, VerifiedJwt>(REMEMBERED);
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(
    jwks: URL,
    private readonly issuer: string,
  ) {
    // An unknown kid is asked for at once, and not again for half a minute, whatever is made up.
    this.keys = createRemoteJWKSet(jwks, { cooldownDuration: 30_000, timeoutDuration: 2_000, cacheMaxAge: 300_000 });
  }

  /** What is remembered of it, without waiting. */
  known(text: string): VerifiedJwt | undefined {
    return this.verified.get(text);
  }

  async verify(text: string): Promise<VerifiedJwt> {
    if (text.length > LONGEST) throw badToken('the token is too long');
    const { payload, protectedHeader } = await this.check(text);
    const token = accessTokenOf(payload);
    if (!token) throw badToken('the token lacks what every access token has');
    const gen = Array.isArray(payload.gen) ? payload.gen : [];
    const [subject, client] = gen as unknown[];
    if (typeof subject !== 'number' || typeof client !== 'number') throw badToken('the token has no generations');
    const jwt: VerifiedJwt = { token, kid: protectedHeader.kid, gen: [subject, client] };
    this.verified.set(text, jwt);
    return jwt;
  }

  private async check(text: string) {
    try {
      // Times are judged by the server's clock, on every request: not here, and not by ours.
      return await jwtVerify(text, this.keys, {
        algorithms: ALGORITHMS,
        typ: 'at+jwt',
        issuer: this.issuer,
        currentDate: new Date(0),
        clockTolerance: 1e10,
      });
    } catch (error) {
      const known = error instanceof errors.JOSEError;
      if (!known || error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC') {
        throw cannotSay('the server’s keys can not be read', error);
      }
      throw badToken('the token does not verify');
    }
  }
}

/** By its own header alone: nothing is believed yet. */
export function looksLikeJwt(text: string): boolean {
  if (text.length > LONGEST || text.split('.').length !== 3) return false;
  try {
    return decodeProtectedHeader(text).typ?.toLowerCase() === 'at+jwt';
  } catch {
    return false;
  }
}
