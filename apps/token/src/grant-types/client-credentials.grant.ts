import { Inject, Injectable } from '@nestjs/common';
import type { Client } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import { oauthError, refuseScopesBeyond } from '#libs/protocol';
import { targetOf } from '../issuing/audience.js';
import type { Issuance } from '../issuing/issuance.js';
import { accessTokenTimes } from '../issuing/lifetimes.js';
import { Standing } from '../liveness/standing.js';
import { TOKEN_CONFIG } from '../ports.js';
import type { CredentialsRequest } from '../token/token-request.js';
import type { Asking, GrantType } from './grant-type.js';

/** RFC 6749 §4.4. CPU only: no grant row, no session; the view says whether the client is still one, and what time it is. */
@Injectable()
export class ClientCredentialsGrant implements GrantType<CredentialsRequest> {
  constructor(
    private readonly standing: Standing,
    @Inject(TOKEN_CONFIG) private readonly config: Pick<TokenConfig, 'issuer'>,
  ) {}

  async grant({ client, request }: Asking<CredentialsRequest>): Promise<Issuance> {
    // "MUST only be used by confidential clients"
    if (client.metadata.token_endpoint_auth_method === 'none') throw oauthError('unauthorized_client');
    this.standing.requireFresh();
    const target = targetOf({ scope: scopeOf(client, request.scope), resources: request.resources }, client.scopes, this.config.issuer);
    const times = accessTokenTimes(this.standing.ownerNow(), client.settings.access_token_ttl, null);
    if (!times) throw new Error('an access token without a lifetime');
    return {
      flow: 'client-credentials',
      client,
      handles: { sub: client.client_id, clientId: client.client_id, sid: null, gid: null, gen: [0, client.gen] },
      target,
      times,
      authentication: null,
      refresh: null,
      byView: true,
    };
  }
}

/** Scopes of APIs only: the standard ones speak of a user. None asked: all that are registered (RFC 6749 §3.3, our default). */
function scopeOf(client: Client, asked: readonly string[] | null): string[] {
  const allowed = client.scopes.filter(({ api }) => api !== null).map(({ name }) => name);
  if (asked === null || asked.length === 0) return allowed;
  refuseScopesBeyond(allowed, asked, 'is unknown, belongs to no API, or this client is not registered for it');
  return [...asked];
}
