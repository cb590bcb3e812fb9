import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HTTP_CONFIG, type HttpConfig } from '#libs/http';
import { type AccessTokenClaims, adminApiIdentifier, oauthError, unavailable } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { adminRouteOf } from './admin-route-of.js';
import { AuditCalls, actorOf } from './audit-calls.js';
import { bearerToken } from './bearer-token.js';
import { challenged, tokenMissing } from './challenge.js';
import { judgeAudience, judgeLife, judgeScope } from './judge-token.js';
import { ADMIN_TOKEN_READER, type AdminTokenReader } from './token-reader.js';

const admitted = new WeakMap<IncomingMessage, AccessTokenClaims>();

/** Only a guarded request has claims. */
export function claimsOf(request: FastifyRequest): AccessTokenClaims {
  const claims = admitted.get(request.raw);
  if (!claims) throw new Error('not an admin request');
  return claims;
}

/** RFC 6750 in front of every admin route; nothing of the request is looked at before it has passed. */
@Injectable()
export class AdminGuard implements CanActivate {
  constructor(
    @Inject(ADMIN_TOKEN_READER) private readonly reader: AdminTokenReader,
    private readonly views: ViewService,
    private readonly audit: AuditCalls,
    @Inject(HTTP_CONFIG) private readonly config: HttpConfig,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const { issuer } = this.config;
    const { scope } = adminRouteOf(context);
    try {
      const token = bearerToken(request.headers.authorization);
      if (token === null) throw tokenMissing(issuer);
      const claims = await this.open(token);
      judgeAudience(claims, adminApiIdentifier(issuer));
      judgeLife(claims, this.views.view);
      await this.judgeScope(context, claims);
      admitted.set(request.raw, claims);
      return true;
    } catch (error) {
      throw withoutToken(error) ? error : challenged(issuer, scope, error);
    }
  }

  /** From here on the caller is known, so a refusal is one of the audit's. */
  private async judgeScope(context: ExecutionContext, claims: AccessTokenClaims): Promise<void> {
    try {
      judgeScope(claims, adminRouteOf(context).scope);
    } catch (error) {
      await this.audit.refused(context, actorOf(claims), error);
      throw error;
    }
  }

  private async open(token: string): Promise<AccessTokenClaims> {
    const claims = await this.reader.read(token);
    if (claims === 'unavailable') throw unavailable('the keys of access tokens can not be fetched');
    if (claims === null) throw oauthError('invalid_token', { detail: 'not an access token of ours' });
    return claims;
  }
}

function withoutToken(error: unknown): boolean {
  return (error as { catalogueName?: unknown }).catalogueName === 'bearer_token_missing';
}
