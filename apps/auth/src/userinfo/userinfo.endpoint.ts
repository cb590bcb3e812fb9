import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { type Client, ClientDirectory } from '#libs/clients';
import { tokenApi } from '#libs/contracts';
import { InternalClient } from '#libs/http';
import { type AccessTokenClaims, BUILT_SIGNING_ALGS, oauthError, parseScope, unavailable } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { AccessTokenReader } from '#libs/sealing';
import { CHECKPOINTS } from '../ports.js';
import { UserStore } from '../users/users.store.js';
import { judgeClient, judgeSubject } from './judge-bearers.js';
import { judgeToken } from './judge-token.js';
import { userClaims } from './user-claims.js';

export interface UserinfoAnswer {
  contentType: 'application/json; charset=utf-8' | 'application/jwt';
  body: string;
  /** Throws when the token may no longer be used; to be called when the answer is sent. */
  stillValid(): void;
}

/** userinfo/ owns OIDC Core §5.3: claims about the person a token speaks for. It never counts as activity and touches no session. */
@Injectable()
export class UserinfoEndpoint {
  constructor(
    private readonly reader: AccessTokenReader,
    private readonly views: ViewService,
    private readonly clients: ClientDirectory,
    private readonly users: UserStore,
    private readonly internal: InternalClient,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async answer(token: string): Promise<UserinfoAnswer> {
    // 1. open it
    const claims = await this.open(token);
    // 2. its life: expiry, revocation, freshness
    judgeToken(claims, this.views.view);
    // 3. what it is for
    const scope = parseScope(claims.scope);
    if (!scope.includes('openid')) throw oauthError('insufficient_scope');
    // 4. who uses it
    const client = judgeClient(claims, await this.clients.get(claims.client_id));
    // 5. whom it speaks for
    const user = judgeSubject(claims, await this.users.get(claims.sub));
    // 6. the claims, signed if the client asked for it
    const answer = await this.render(client, userClaims(user, scope));
    await this.checkpoints.reach('auth.userinfo.before-send');
    return { ...answer, stillValid: () => judgeToken(claims, this.views.view) };
  }

  private async open(token: string): Promise<AccessTokenClaims> {
    const claims = await this.reader.read(token);
    if (claims === 'unavailable') throw unavailable('the keys of access tokens can not be fetched');
    if (claims === null) throw oauthError('invalid_token', { detail: 'not an access token of ours' });
    return claims;
  }

  /** What a client registered for is honoured or refused: plain claims to one that asked for encrypted ones would be a leak. */
  private async render({ client_id, metadata }: Client, claims: object): Promise<Pick<UserinfoAnswer, 'contentType' | 'body'>> {
    const alg = metadata.userinfo_signed_response_alg;
    const built: readonly string[] = BUILT_SIGNING_ALGS;
    if (metadata.userinfo_encrypted_response_alg !== undefined || (alg !== undefined && !built.includes(alg))) {
      throw oauthError('unauthorized_client', { description: 'This client is registered for userinfo in a form that is not available.' });
    }
    if (alg === undefined) return { contentType: 'application/json; charset=utf-8', body: JSON.stringify(claims) };
    // OIDC Core §5.3.2: iss (the signer's) and aud.
    const { jwt } = await this.internal.call(tokenApi.sign, { purpose: 'userinfo', alg, claims: { ...claims, aud: client_id } });
    return { contentType: 'application/jwt', body: jwt };
  }
}
