import { type AccessTokenClaims, oauthError, parseScope, unavailable } from '#libs/protocol';
import type { RevocationView } from '#libs/revocation';

export type JudgingView = Pick<RevocationView, 'ownerNow' | 'isRevoked' | 'freshness'>;

/** Whose token, for what. Refused for good, so no freshness is needed to say so. */
export function judgeAudience(claims: AccessTokenClaims, audience: string): void {
  if (![claims.aud].flat().includes(audience)) throw oauthError('invalid_token', { detail: `not for ${audience}` });
  // A token of a person or bound to a key: neither is an operator's, whatever its scope says.
  if (claims.sub !== claims.client_id || claims.sid !== undefined) throw oauthError('invalid_token', { detail: 'not a service’s token' });
  if ('cnf' in claims) throw oauthError('invalid_token', { detail: 'bound to a key, and shown as a bearer token' });
}

export function judgeScope(claims: AccessTokenClaims, scope: string): void {
  if (!parseScope(claims.scope).includes(scope)) throw oauthError('insufficient_scope', { detail: `needs ${scope}` });
}

/**
 * Whether it may be used now; asked when it arrives and again when what was read is sent, because a process that was stopped in between must say
 * nothing from before its pause (RELIABILITY 6). Neither an expired nor a revoked token comes back, so only the rest needs a fresh view.
 */
export function judgeLife(claims: AccessTokenClaims, view: JudgingView): void {
  const now = view.ownerNow();
  if (now !== null && claims.exp * 1_000 <= now) throw oauthError('invalid_token', { detail: 'expired' });
  if (now !== null && claims.nbf !== undefined && claims.nbf * 1_000 > now) throw oauthError('invalid_token', { detail: 'not valid yet' });
  if (view.isRevoked(claims)) throw oauthError('invalid_token', { detail: 'revoked' });
  const state = view.freshness();
  if (!state.fresh) throw unavailable(`revocation view not fresh: ${state.source}: ${state.reason} (${Math.round(state.ageMs)} ms)`);
  if (now === null) throw unavailable('the database clock has not been read yet');
}
