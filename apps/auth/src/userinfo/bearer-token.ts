import { oauthError } from '#libs/protocol';

/** RFC 6750 §2.1: b64token. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
const MAX_LENGTH = 8_192;

/**
 * The access token of a request, from the header (§2.1) or the form (§2.2); never from the query, which ends in logs (§2.3). null =
 * the request shows none. More than one way at once is refused (§2: MUST NOT).
 */
export function bearerToken(authorization: string | undefined, formToken: string | undefined): string | null {
  if (authorization === undefined) return formToken === undefined ? null : bounded(formToken);
  if (formToken !== undefined) {
    throw oauthError('invalid_request', { description: 'The request shows its access token in more than one way.' });
  }
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw oauthError('invalid_token', { detail: 'Authorization header is not Bearer' });
  return bounded(token);
}

function bounded(token: string): string {
  if (token.length > MAX_LENGTH) throw oauthError('invalid_token', { detail: `token of ${token.length} characters` });
  return token;
}
