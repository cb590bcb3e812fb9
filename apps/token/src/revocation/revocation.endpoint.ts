import { Injectable } from '@nestjs/common';
import { type Client, ClientAuthenticator } from '#libs/clients';
import { Database } from '#libs/database';
import type { Parameters } from '#libs/http';
import { type AccessTokenClaims, oauthError, unavailable } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { REFRESH_PREFIX, type RefreshPosition } from '#libs/sealing';
import { clientActor } from '../audit/record-audit.js';
import { readGrant } from '../grants/grant.store.js';
import { Revocations } from '../grants/revocations.js';
import { KeyService } from '../keys/key-service.js';

export interface RevocationCall {
  readonly authorization: string | undefined;
  readonly form: Parameters;
  readonly address: string;
}

/**
 * apps/token/src/revocation owns /revoke (RFC 7009): downwards only (promise 5). A refresh token, any valid number of its family, kills its
 * grant and so its access tokens; an access token kills itself. Sessions are not touched. `token_type_hint` is not needed: our tokens
 * say what they are, and a wrong hint must change nothing (§2.1).
 */
@Injectable()
export class RevocationEndpoint {
  constructor(
    private readonly authenticator: ClientAuthenticator,
    private readonly keys: KeyService,
    private readonly db: Database,
    private readonly revocations: Revocations,
    private readonly views: ViewService,
  ) {}

  /** Returning is the 200: durable (S11), or nothing to do (§2.2: unknown, expired, another client's). */
  async revoke({ authorization, form, address }: RevocationCall): Promise<void> {
    // 1 · who asks
    const client = await this.authenticator.authenticate({ authorization, params: form, address });
    const token = form.get('token');
    if (token === undefined) throw oauthError('invalid_request', { description: 'The token is missing.' });

    // 2 · what it is
    if (token.startsWith(REFRESH_PREFIX)) {
      const position = await this.keys.decodeRefreshToken(token);
      if (position) await this.revokeGrant(client, position);
      return;
    }
    const claims = await this.keys.accessTokens.read(token);
    if (claims === 'unavailable') throw unavailable('the key of the token could not be read');
    if (claims) await this.revokeAccessToken(client, claims);
  }

  private async revokeGrant(client: Client, { gid }: RefreshPosition): Promise<void> {
    const found = await readGrant(this.db, gid);
    if (found?.grant.clientId !== client.client_id) return;
    await this.revocations.confirmed({ gid }, { reason: 'client_revoked', actor: clientActor(client.client_id) });
  }

  /** What the view has is committed already: repeating it would only add a row. */
  private async revokeAccessToken(client: Client, claims: AccessTokenClaims): Promise<void> {
    const { jti, client_id, sub, exp } = claims;
    if (client_id !== client.client_id || this.views.view.isRevoked(claims)) return;
    const now = this.views.view.ownerNow();
    if (now !== null && exp * 1_000 <= now) return;
    const details = { client_id, sub };
    await this.revocations.accessToken(jti, client_id, exp * 1_000, {
      actor: clientActor(client_id),
      action: 'token.revoked',
      target: jti,
      reason: null,
      details,
    });
  }
}
