import { type AccessTokenClaims, oauthError, unavailable } from '#libs/protocol';
import type { RevocationView } from '#libs/revocation';

/**
 * Whether the token may be used now; asked when it arrives and again when the answer is sent, because a process that was stopped in
 * between must say nothing from before its pause (RELIABILITY 6). Only what would be accepted needs a clock and a fresh view: neither
 * an expired nor a revoked token ever comes back.
 */
export function judgeToken(claims: AccessTokenClaims, view: Pick<RevocationView, 'ownerNow' | 'isRevoked' | 'freshness'>): void {
  const now = view.ownerNow();
  if (now !== null && claims.exp * 1_000 <= now) throw oauthError('invalid_token', { detail: 'expired' });
  if (now !== null && claims.nbf !== undefined && claims.nbf * 1_000 > now) throw oauthError('invalid_token', { detail: 'not valid yet' });
  if (view.isRevoked(claims)) throw oauthError('invalid_token', { detail: 'revoked' });
  const state = view.freshness();
  if (!state.fresh) throw unavailable(`revocation view not fresh: ${state.source}: ${state.reason} (${Math.round(state.ageMs)} ms)`);
  if (now === null) throw unavailable('the database clock has not been read yet');
}
