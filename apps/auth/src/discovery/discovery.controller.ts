import { Controller, Get, Header, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AuthConfig } from '#libs/config';
import { oauthError } from '#libs/protocol';
import { AUTH_CONFIG } from '../ports.js';
import { ProviderMetadata } from './provider-metadata.js';

/** Where scripts of browser clients may read the document. */
export const DISCOVERY_PATHS = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const CACHE = 'public, max-age=300';

/**
 * One document at both well-known addresses. For an issuer with a path, RFC 8414 §3.1 puts the path behind the well-known part;
 * OIDC Discovery §4 puts it before, where a proxy that serves the path strips it.
 */
@Controller('.well-known')
export class DiscoveryController {
  private readonly issuerPath: string;

  constructor(
    private readonly metadata: ProviderMetadata,
    @Inject(AUTH_CONFIG) { issuer }: AuthConfig,
  ) {
    this.issuerPath = new URL(issuer).pathname.replace(/\/$/, '');
  }

  @Get(['openid-configuration', 'oauth-authorization-server'])
  @Header('cache-control', CACHE)
  document(): Promise<Record<string, unknown>> {
    return this.metadata.document();
  }

  @Get(['openid-configuration/*path', 'oauth-authorization-server/*path'])
  @Header('cache-control', CACHE)
  inserted(@Req() request: FastifyRequest): Promise<Record<string, unknown>> {
    const [path = ''] = (request.raw.url ?? '').split('?', 1);
    const known = DISCOVERY_PATHS.some((wellKnown) => this.issuerPath !== '' && path === wellKnown + this.issuerPath);
    if (!known) throw oauthError('not_found');
    return this.metadata.document();
  }
}
