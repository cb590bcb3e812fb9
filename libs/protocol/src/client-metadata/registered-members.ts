import { z } from 'zod';
import { AUTH_METHODS, GRANT_TYPES } from '../vocabulary.js';
import { calledUri, httpsUri, jweName, jwks, jwsAlg, pageUri, redirectUri, responseType, scopeText, text, texts } from './member-types.js';

/**
 * Every member of the IANA registry "OAuth Dynamic Client Registration Metadata" that a client may state, by specification. All are
 * known from the first day, built or not; `not-built-yet.ts` says which are not.
 */
const grantType = z.enum(Object.values(GRANT_TYPES), `expected one of: ${Object.values(GRANT_TYPES).join(', ')}`);

/** RFC 7591 §2. */
export const rfc7591 = {
  redirect_uris: z.array(redirectUri).max(100),
  token_endpoint_auth_method: z.enum(AUTH_METHODS, `expected one of: ${AUTH_METHODS.join(', ')}`),
  grant_types: z.array(grantType).max(20),
  response_types: z.array(responseType).max(20),
  client_name: text,
  client_uri: pageUri,
  logo_uri: pageUri,
  scope: scopeText,
  contacts: texts,
  tos_uri: pageUri,
  policy_uri: pageUri,
  jwks_uri: calledUri,
  jwks,
  software_id: text,
  software_version: text,
  software_statement: z.string().max(65_536),
};

/** OpenID Connect Dynamic Client Registration 1.0 §2 (application_type is in ours.ts: it has two more values). */
export const oidcRegistration = {
  sector_identifier_uri: calledUri,
  subject_type: z.enum(['public', 'pairwise']),
  id_token_signed_response_alg: jwsAlg,
  id_token_encrypted_response_alg: jweName,
  id_token_encrypted_response_enc: jweName,
  userinfo_signed_response_alg: jwsAlg,
  userinfo_encrypted_response_alg: jweName,
  userinfo_encrypted_response_enc: jweName,
  request_object_signing_alg: jwsAlg,
  request_object_encryption_alg: jweName,
  request_object_encryption_enc: jweName,
  token_endpoint_auth_signing_alg: jwsAlg,
  default_max_age: z.int().min(0),
  require_auth_time: z.boolean(),
  default_acr_values: texts,
  initiate_login_uri: pageUri,
  request_uris: z.array(z.string().max(2_000)).max(100),
};

/** RP-Initiated, Back-Channel and Front-Channel Logout 1.0. */
export const logout = {
  post_logout_redirect_uris: z.array(redirectUri).max(100),
  backchannel_logout_uri: calledUri,
  backchannel_logout_session_required: z.boolean(),
  frontchannel_logout_uri: calledUri,
  frontchannel_logout_session_required: z.boolean(),
};

/** RFC 8705 (mTLS), RFC 9126 (PAR), RFC 9101 (JAR), RFC 9449 (DPoP), RFC 9396 (RAR), RFC 9701. */
export const laterOauth = {
  tls_client_certificate_bound_access_tokens: z.boolean(),
  tls_client_auth_subject_dn: text,
  tls_client_auth_san_dns: text,
  tls_client_auth_san_uri: text,
  tls_client_auth_san_ip: text,
  tls_client_auth_san_email: text,
  use_mtls_endpoint_aliases: z.boolean(),
  require_pushed_authorization_requests: z.boolean(),
  require_signed_request_object: z.boolean(),
  dpop_bound_access_tokens: z.boolean(),
  authorization_details_types: texts,
  introspection_signed_response_alg: jwsAlg,
  introspection_encrypted_response_alg: jweName,
  introspection_encrypted_response_enc: jweName,
};

/** JARM, CIBA Core 1.0, OpenID Federation 1.0, UMA 2.0, ETSI NFV-SEC 022, OpenID4VP. */
export const otherSpecifications = {
  authorization_signed_response_alg: jwsAlg,
  authorization_encrypted_response_alg: jweName,
  authorization_encrypted_response_enc: jweName,
  backchannel_token_delivery_mode: z.enum(['poll', 'ping', 'push']),
  backchannel_client_notification_endpoint: httpsUri,
  backchannel_authentication_request_signing_alg: jwsAlg,
  backchannel_user_code_parameter: z.boolean(),
  client_registration_types: texts,
  signed_jwks_uri: calledUri,
  organization_name: text,
  organization_uri: pageUri,
  claims_redirect_uris: z.array(redirectUri).max(100),
  nfv_token_signed_response_alg: jwsAlg,
  nfv_token_encrypted_response_alg: jweName,
  nfv_token_encrypted_response_enc: jweName,
  vp_formats: z.record(z.string(), z.unknown()),
  vp_formats_supported: z.record(z.string(), z.unknown()),
};

/** OpenID Connect Relying Party Metadata Choices 1.0: what a client could accept; we choose by the singular members. */
const CHOICES = [
  'subject_types_supported',
  'id_token_signing_alg_values_supported',
  'id_token_encryption_alg_values_supported',
  'id_token_encryption_enc_values_supported',
  'userinfo_signing_alg_values_supported',
  'userinfo_encryption_alg_values_supported',
  'userinfo_encryption_enc_values_supported',
  'request_object_signing_alg_values_supported',
  'request_object_encryption_alg_values_supported',
  'request_object_encryption_enc_values_supported',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'backchannel_authentication_request_signing_alg_values_supported',
  'authorization_signing_alg_values_supported',
  'authorization_encryption_alg_values_supported',
  'authorization_encryption_enc_values_supported',
  'introspection_signing_alg_values_supported',
  'introspection_encryption_alg_values_supported',
  'introspection_encryption_enc_values_supported',
  'backchannel_token_delivery_modes_supported',
] as const;
export const metadataChoices = Object.fromEntries(CHOICES.map((name) => [name, texts])) as Record<(typeof CHOICES)[number], typeof texts>;

/** RFC 7591 §2.2: members with a language tag behind `#`. */
export const LOCALIZED = /^(client_name|client_uri|logo_uri|tos_uri|policy_uri)#[A-Za-z0-9-]{2,35}$/;
