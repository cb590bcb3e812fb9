import type { AccessTokenClaims } from '#libs/protocol';
import type { RevocationView } from '#libs/revocation';

/** `unknown`: it would be active, but nothing proves that its end has not happened yet (DESIGN, promise 3). */
export type Judgement = 'active' | 'inactive' | 'unknown';

/**
 * Decided from memory alone. Expiry is judged by the session source's clock, revocation by five look-ups; only what would be
 * active needs freshness, because neither an expired nor a revoked token ever comes back. One that is not valid yet (`nbf`) does come
 * back, so nothing may be kept of that verdict.
 */
export function judgeAccessToken(claims: AccessTokenClaims, view: Pick<RevocationView, 'ownerNow' | 'isRevoked' | 'freshness'>): Judgement {
  const now = view.ownerNow();
  if (now !== null && claims.exp * 1_000 <= now) return 'inactive';
  if (claims.nbf !== undefined && now !== null && claims.nbf * 1_000 > now) return 'inactive';
  if (view.isRevoked(claims)) return 'inactive';
  return now !== null && view.freshness().fresh ? 'active' : 'unknown';
}
