import { OAuthError, oauthError } from '#libs/protocol';

const CHALLENGED = new Set(['invalid_token', 'insufficient_scope']);

/** RFC 6750 §3: why a token was refused, and which scope is needed. */
export function challenged(realm: string, scope: string, error: unknown): unknown {
  if (!(error instanceof OAuthError) || !CHALLENGED.has(error.code)) return error;
  const parts = [`realm="${realm}"`, `error="${error.code}"`, `error_description="${error.publicDescription}"`];
  if (error.code === 'insufficient_scope') parts.push(`scope="${scope}"`);
  return error.withHeaders({ 'www-authenticate': `Bearer ${parts.join(', ')}` });
}

/** RFC 6750 §3.1: no error code where no authentication was attempted. */
export function tokenMissing(realm: string): OAuthError {
  return oauthError('bearer_token_missing', { headers: { 'www-authenticate': `Bearer realm="${realm}"` } });
}
