import { oauthError } from '#libs/protocol';

const SCHEME = /^bearer(?: |$)/i;
/** RFC 6750 §2.1: b64token. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/**
 * The access token of the Authorization header, the only way in (RFC 6750 §2.1). null: none that we take, which is another scheme, too: a
 * token sent as DPoP must not be accepted as if it were a bearer's.
 */
export function bearerToken(authorization: string | undefined): string | null {
  if (authorization === undefined || !SCHEME.test(authorization)) return null;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw oauthError('invalid_token', { detail: 'the Authorization header is not `Bearer` and one token' });
  return token;
}
