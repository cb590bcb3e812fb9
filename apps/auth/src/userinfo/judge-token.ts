import { type AccessTokenClaims, oauthError, unavailable } from '#libs/protocol';

/** What of the revocation view is asked. */
export interface Judge {
  ownerNow(): number | null;
  isRevoked(token: AccessTokenClaims): boolean;
  freshness(): { fresh: boolean; source?: string; reason?: string };
}

/**
 * Whether the token may be used now; asked when it arrives and again when the answer is sent, because a process that was stopped in
 * between must say nothing from before its pause (RELIABILITY 6). What would be refused anyway needs no freshness.
 */
export function judgeToken(claims: AccessTokenClaims, view: Judge): void {
  const now = view.ownerNow();
  if (now === null) throw unavailable('the database clock has not been read yet');
  if (claims.exp * 1_000 <= now) throw oauthError('invalid_token', { detail: 'expired' });
  if (view.isRevoked(claims)) throw oauthError('invalid_token', { detail: 'revoked' });
  const state = view.freshness();
  if (!state.fresh) throw unavailable(`revocation view not fresh: ${state.source}: ${state.reason}`);
}
