import { oauthError } from '#libs/protocol';

const SCHEME = /^bearer(?: |$)/i;
/** RFC 6750 §2.1: b64token. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

/** The end user's token. null: none that counts, which another scheme is, too: what was sent as DPoP is no bearer's. */
export function bearerOf(authorization: string | undefined): string | null {
  if (authorization === undefined || !SCHEME.test(authorization)) return null;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw oauthError('invalid_token', { detail: 'the Authorization header is not `Bearer` and one token' });
  return token;
}
