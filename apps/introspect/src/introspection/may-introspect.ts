import type { AccessTokenClaims } from '#libs/protocol';

export interface Caller {
  readonly clientId: string;
  /** Registered with `token_endpoint_auth_method: none`: anyone can say its name. */
  readonly isPublic: boolean;
  readonly resourceServerFor: readonly string[];
  /** RFC 9701 §6; null: none registered. */
  readonly signedResponseAlg?: string | null;
}

/**
 * Who sees a token: a resource server it is meant for, or the client it was issued to (Keycloak CVE-2026-37979 skipped this). A
 * public client proves nothing by its name, so it gets only what its own token tells it anyway, whatever it is registered for.
 */
export function mayIntrospect(caller: Caller, token: Pick<AccessTokenClaims, 'client_id' | 'aud'>): boolean {
  if (token.client_id === caller.clientId) return true;
  if (caller.isPublic) return false;
  const audiences = typeof token.aud === 'string' ? [token.aud] : token.aud;
  return caller.resourceServerFor.some((api) => api === '*' || audiences.includes(api));
}
