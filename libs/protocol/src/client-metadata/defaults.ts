import { type ApplicationType, type AuthMethod, DEFAULT_ID_TOKEN_ALG, type GrantType, type ResponseType } from '../vocabulary.js';
import type { WrittenMetadata } from './members.js';

export interface Defaulted {
  application_type: ApplicationType;
  token_endpoint_auth_method: AuthMethod;
  grant_types: GrantType[];
  response_types: ResponseType[];
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
  scope: string;
  id_token_signed_response_alg: NonNullable<WrittenMetadata['id_token_signed_response_alg']>;
  subject_type: 'public' | 'pairwise';
  require_auth_time: boolean;
  backchannel_logout_session_required: boolean;
  first_party: boolean;
  resource_server_for: string[];
  allowed_origins: string[];
}

/**
 * RFC 7591 §2 and OIDC registration §2: web, authorization_code, client_secret_basic, RS256. `browser` clients can keep no secret, so
 * theirs is `none`; `service` clients have no user, so theirs is client_credentials.
 */
export function withDefaults(written: WrittenMetadata): Omit<WrittenMetadata, keyof Defaulted> & Defaulted {
  const application_type = written.application_type ?? 'web';
  const grant_types = written.grant_types ?? [application_type === 'service' ? 'client_credentials' : 'authorization_code'];
  const usesCode = grant_types.includes('authorization_code');
  return {
    ...written,
    application_type,
    grant_types: [...new Set(grant_types)],
    response_types: written.response_types ?? (usesCode ? ['code'] : []),
    token_endpoint_auth_method: written.token_endpoint_auth_method ?? (application_type === 'browser' ? 'none' : 'client_secret_basic'),
    redirect_uris: written.redirect_uris ?? [],
    post_logout_redirect_uris: written.post_logout_redirect_uris ?? [],
    scope: written.scope ?? (usesCode ? 'openid' : ''),
    id_token_signed_response_alg: written.id_token_signed_response_alg ?? DEFAULT_ID_TOKEN_ALG,
    subject_type: written.subject_type ?? 'public',
    require_auth_time: written.require_auth_time ?? false,
    backchannel_logout_session_required: written.backchannel_logout_session_required ?? false,
    first_party: written.first_party ?? false,
    resource_server_for: written.resource_server_for ?? [],
    allowed_origins: written.allowed_origins ?? [],
  };
}
