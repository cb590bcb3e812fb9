import { Inject, Injectable } from '@nestjs/common';
import type { AuthConfig } from '#libs/config';
import {
  BUILT_AUTH_METHODS,
  BUILT_GRANT_TYPES,
  BUILT_RESPONSE_MODES,
  BUILT_RESPONSE_TYPES,
  BUILT_SIGNING_ALGS,
  claimsOfScopes,
  STANDARD_SCOPES,
} from '#libs/protocol';
import { AUTH_CONFIG } from '../ports.js';
import { ApiScopes } from './api-scopes.js';

const STANDARD = Object.keys(STANDARD_SCOPES);
/** Claims of every ID token, beside those that scopes give. */
const PROTOCOL_CLAIMS = ['sub', 'iss', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'amr', 'sid', 'at_hash'];

/**
 * discovery/ owns what the server says about itself (OIDC Discovery 1.0, RFC 8414). Only what is built is in it: a client that reads an
 * endpoint here may use it. URLs come from the configuration, never from the request: a forged Host header, kept by a cache, would
 * send other people's clients elsewhere. Clients and proxies call it; of the tables it reads scope names only.
 */
@Injectable()
export class ProviderMetadata {
  constructor(
    @Inject(AUTH_CONFIG) private readonly config: AuthConfig,
    private readonly apiScopes: ApiScopes,
  ) {}

  async document(): Promise<Record<string, unknown>> {
    const { issuer, publicUrls } = this.config;
    const methods = [...BUILT_AUTH_METHODS];
    const algs = [...BUILT_SIGNING_ALGS];
    return {
      issuer,
      authorization_endpoint: `${publicUrls.auth}/authorize`,
      token_endpoint: `${publicUrls.token}/token`,
      userinfo_endpoint: `${publicUrls.auth}/userinfo`,
      jwks_uri: `${publicUrls.token}/jwks`,
      revocation_endpoint: `${publicUrls.token}/revoke`,
      introspection_endpoint: `${publicUrls.introspect}/introspect`,
      end_session_endpoint: `${publicUrls.auth}/logout`,
      scopes_supported: [...STANDARD, ...(await this.apiScopes.names())],
      claims_supported: [...PROTOCOL_CLAIMS, ...claimsOfScopes(STANDARD)],
      response_types_supported: [...BUILT_RESPONSE_TYPES],
      response_modes_supported: [...BUILT_RESPONSE_MODES],
      grant_types_supported: [...BUILT_GRANT_TYPES],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: algs,
      userinfo_signing_alg_values_supported: algs,
      introspection_signing_alg_values_supported: algs,
      token_endpoint_auth_methods_supported: methods,
      revocation_endpoint_auth_methods_supported: methods,
      introspection_endpoint_auth_methods_supported: methods,
      code_challenge_methods_supported: ['S256'],
      prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
      claim_types_supported: ['normal'],
      ui_locales_supported: ['en'],
      claims_parameter_supported: false,
      request_parameter_supported: false,
      // OIDC Discovery §3: true where it is left out.
      request_uri_parameter_supported: false,
      authorization_response_iss_parameter_supported: true,
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      // Ours (RFC 8414 §2 allows more members): where resource servers hear of what was revoked, and where each service's admin API is.
      lanyard_revocation_feed_endpoint: `${publicUrls.introspect}/revocations`,
      lanyard_admin_endpoints: { auth: publicUrls.auth, session: publicUrls.session, token: publicUrls.token },
    };
  }
}
