import { oauthError } from '#libs/protocol';

const SCHEME = /^bearer(?: |$)/i;
/** RFC 6750 §2.1: b64token. */
const BEARER = /^bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;

export interface ShownTokens {
  readonly authorization: string | undefined;
  readonly form: string | undefined;
  readonly query: string | undefined;
}

/**
 * The access token of a request, from the header (RFC 6750 §2.1) or the form (§2.2). null: it shows none that we take. That is also
 * another scheme (§3.1: then no error code): a token sent as DPoP must not be accepted as if it were a bearer's, nor one from the
 * query, which ends in logs and histories (§2.3). More than one way at once is refused (§2: MUST NOT).
 */
export function bearerToken({ authorization, form, query }: ShownTokens): string | null {
  if ([authorization, form, query].filter((way) => way !== undefined).length > 1) {
    throw oauthError('invalid_request', { description: 'The request shows its access token in more than one way.' });
  }
  if (authorization === undefined) return form ?? null;
  if (!SCHEME.test(authorization)) return null;
  const token = BEARER.exec(authorization)?.[1];
  if (token === undefined) throw oauthError('invalid_token', { detail: 'the Authorization header is not `Bearer` and one token' });
  return token;
}
