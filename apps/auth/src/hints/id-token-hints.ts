import { z } from 'zod';
import { tokenApi } from '#libs/contracts';
import type { InternalClient } from '#libs/http';
import { KeysUnavailable, RemoteKeySet } from '#libs/keys';
import { BUILT_SIGNING_ALGS, unavailable } from '#libs/protocol';

/**
 * hints/ owns reading an ID token that comes back to us: as id_token_hint at the authorization and the logout endpoint. It may
 * not be used to authenticate anyone: a hint only says who is meant.
 */
export interface IdTokenHint {
  readonly clientId: string;
  readonly sub: string;
  readonly sid: string | null;
}

const claimsShape = z.object({
  iss: z.string(),
  sub: z.string().min(1).max(255),
  aud: z.union([z.string(), z.array(z.string()).min(1)]),
  azp: z.string().optional(),
  sid: z.string().min(1).max(255).optional(),
});

const MAX_LENGTH = 16 * 1024;

export class IdTokenHints {
  private readonly keys: RemoteKeySet;

  constructor(
    private readonly issuer: string,
    internal: InternalClient,
  ) {
    this.keys = new RemoteKeySet({ fetch: () => internal.call(tokenApi.publicKeys, {}), cooldownMs: 1_000 });
  }

  /** A hint under a revoked key may be anybody's. */
  dropKey(kid: string): void {
    this.keys.drop(kid);
  }

  /**
   * null when it is none of ours. The signature, the type (a logout token or an access token is no ID token, CVE-2023-0657) and the
   * issuer decide; `exp` does not, since a hint is usually expired (RP-Initiated Logout §2, OIDC Core §3.1.2.1).
   */
  async read(jwt: string): Promise<IdTokenHint | null> {
    if (jwt.length > MAX_LENGTH) return null;
    const verified = await this.verified(jwt);
    const claims = claimsShape.safeParse(verified?.claims);
    if (!claims.success || claims.data.iss !== this.issuer || 'events' in (verified?.claims ?? {})) return null;
    const { aud, azp, sub, sid } = claims.data;
    const audiences = typeof aud === 'string' ? [aud] : aud;
    const clientId = audiences.length === 1 ? audiences[0] : azp;
    return clientId === undefined || !audiences.includes(clientId) ? null : { clientId, sub, sid: sid ?? null };
  }

  private async verified(jwt: string) {
    try {
      return await this.keys.verify(jwt, { algs: BUILT_SIGNING_ALGS });
    } catch (error) {
      if (error instanceof KeysUnavailable) throw unavailable('public keys of the token service');
      throw error;
    }
  }
}
