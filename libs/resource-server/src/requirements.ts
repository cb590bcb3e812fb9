import type { AccessToken } from './access-token.js';
import { badToken, scopesNeeded, strongerSignInNeeded } from './bearer-error.js';

/** What one request needs of the token it comes with. Evaluated on every request: never part of anything that is kept. */
export interface Requirements {
  /** All of them. */
  readonly scopes?: readonly string[];
  readonly subject?: string;
  /** Seconds since the user signed in. */
  readonly maxAge?: number;
  /** One of them. */
  readonly acr?: string | readonly string[];
}

export interface Expected {
  readonly issuer: string;
  readonly audience: string;
}

/** `nowMs`: the server's clock, which its times are of. */
export function check(token: AccessToken, expected: Expected, needs: Requirements, nowMs: number): void {
  if (token.iss !== expected.issuer) throw badToken('the token is of another issuer');
  const audiences = typeof token.aud === 'string' ? [token.aud] : token.aud;
  if (!audiences.includes(expected.audience)) throw badToken('the token is for another audience');
  if (token.exp * 1_000 <= nowMs) throw badToken('the token has expired');
  if (token.nbf !== undefined && token.nbf * 1_000 > nowMs) throw badToken('the token is not valid yet');
  // RFC 9449 §7.2: a bound token sent as Bearer is a stolen one, as far as anybody can tell
  if (token.cnf !== undefined) throw badToken('the token is bound to a key, and was sent as Bearer');
  if (needs.subject !== undefined && token.sub !== needs.subject) throw badToken('the token is of somebody else');
  const granted = new Set(token.scope?.split(' '));
  if (needs.scopes?.some((scope) => !granted.has(scope))) throw scopesNeeded(needs.scopes);
  if (needs.maxAge !== undefined && (token.auth_time === undefined || nowMs - token.auth_time * 1_000 > needs.maxAge * 1_000)) {
    throw strongerSignInNeeded({ max_age: String(needs.maxAge) });
  }
  const acr = typeof needs.acr === 'string' ? [needs.acr] : needs.acr;
  if (acr && !acr.includes(token.acr ?? '')) throw strongerSignInNeeded({ acr_values: acr.join(' ') });
}
