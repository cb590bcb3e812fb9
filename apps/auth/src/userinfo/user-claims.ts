import { claimsOfScopes } from '#libs/protocol';
import type { User } from '../users/user.js';

/** OIDC Core §5.4: what the scopes of the token give, and only what is known; `sub` always (§5.3.2). */
export function userClaims(user: User, scope: readonly string[]): Record<string, unknown> {
  const known: Record<string, unknown> = {
    preferred_username: user.username,
    updated_at: Math.floor(user.updatedAt / 1_000),
    ...user.claims,
  };
  const names = claimsOfScopes(scope).filter((name) => known[name] !== undefined && known[name] !== null);
  return { sub: user.sub, ...Object.fromEntries(names.map((name) => [name, known[name]])) };
}
