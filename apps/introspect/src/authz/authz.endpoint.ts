import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Checkpoints } from '#libs/checkpoints';
import type { IntrospectConfig } from '#libs/config';
import { OAuthError, oauthError } from '#libs/protocol';
import type { Caller } from '../introspection/may-introspect.js';
import { PendingVerdicts } from '../introspection/pending-verdicts.js';
import { CHECKPOINTS, INTROSPECT_CONFIG } from '../tokens.js';
import { AuthenticateGateway } from './authenticate-gateway.js';
import { bearerOf } from './bearer-of.js';
import { identityHeaders } from './identity-headers.js';
import { JudgeBearer, type Passed } from './judge-bearer.js';
import { type RequiredAccess, requiredAccess } from './required-access.js';

/** How a gateway wants to be told "yes", and whose the query is. */
export interface GatewayManner {
  readonly yes: 200 | 204;
  readonly queryIsTheGateways: boolean;
}

/**
 * authz/ owns the gateway's question: may this request pass. It is introspection in the shape that gateways can ask in (nginx auth_request, Envoy
 * ext_authz, Traefik ForwardAuth, Caddy forward_auth): the answer is a status and headers. The same memory, the same view, the same second look.
 */
@Injectable()
export class AuthzEndpoint {
  constructor(
    private readonly gateways: AuthenticateGateway,
    private readonly bearers: JudgeBearer,
    private readonly pending: PendingVerdicts,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
    @Inject(INTROSPECT_CONFIG) private readonly config: Pick<IntrospectConfig, 'issuer'>,
  ) {}

  async answer(http: FastifyRequest, reply: FastifyReply, manner: GatewayManner): Promise<FastifyReply> {
    // 1. who asks: a resource server
    const gateway = await this.gateways.of(http);
    // 2. what its route needs
    const required = requiredAccess(http, manner.queryIsTheGateways);
    // 3. the token of whoever is at the gateway
    const verdict = await this.judged(http, gateway, required);
    // 4. judged once more as it leaves, and only then is it said who it is
    const { claims } = verdict;
    this.pending.remember(http, verdict, { instead: null, whenActive: () => reply.headers(identityHeaders(claims)) });
    await this.checkpoints.reach('authz.before-send');
    return reply.code(manner.yes).send();
  }

  private async judged(http: FastifyRequest, gateway: Caller, required: RequiredAccess): Promise<Passed> {
    try {
      const token = bearerOf(http.headers.authorization);
      if (token === null) throw oauthError('bearer_token_missing');
      return await this.bearers.verdict(token, gateway, required);
    } catch (error) {
      throw challenged(this.config.issuer, required.scopes, error);
    }
  }
}

/** RFC 6750 §3: why, and which scopes are needed; no reason where no token was shown (§3.1). */
function challenged(realm: string, scopes: readonly string[], error: unknown): unknown {
  if (!(error instanceof OAuthError) || (error.status !== 401 && error.status !== 403)) return error;
  const parts = [`realm="${realm}"`];
  if (error.catalogueName !== 'bearer_token_missing') parts.push(`error="${error.code}"`, `error_description="${error.publicDescription}"`);
  if (scopes.length > 0) parts.push(`scope="${scopes.join(' ')}"`);
  return error.withHeaders({ 'www-authenticate': `Bearer ${parts.join(', ')}` });
}
