import { OAuthError } from '#libs/protocol';

const CHALLENGED = new Set(['invalid_token', 'insufficient_scope', 'invalid_request']);

/** RFC 6750 §3: a refusal of a bearer token says why in WWW-Authenticate; without a token, only that one is needed. */
export function challenge(realm: string, error?: OAuthError): string {
  const parts = [`realm="${realm}"`];
  if (error) parts.push(`error="${error.code}"`, `error_description="${error.publicDescription}"`);
  if (error?.code === 'insufficient_scope') parts.push('scope="openid"');
  return `Bearer ${parts.join(', ')}`;
}

export function challenged(realm: string, error: unknown): unknown {
  if (!(error instanceof OAuthError) || !CHALLENGED.has(error.code) || error.status > 403) return error;
  return error.withHeaders({ 'www-authenticate': challenge(realm, error) });
}
