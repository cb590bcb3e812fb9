import type { ErrorName } from '../error-catalogue.js';
import { oauthError } from '../oauth-error.js';
import { BUILT_AUTH_METHODS, BUILT_GRANT_TYPES, BUILT_RESPONSE_TYPES, BUILT_SIGNING_ALGS } from '../vocabulary.js';
import type { ClientMetadata } from './client-metadata.js';

/** Endpoints that must refuse a client whose registration asks of them what they can't do yet. */
export type Refusing = 'authorize' | 'token';

export interface NotBuilt {
  member: string;
  why: string;
  /** Where the member would otherwise be ignored; endpoints that know no such feature refuse it anyway. */
  refusedBy?: Partial<Record<Refusing, ErrorName>>;
}

interface Rule extends NotBuilt {
  applies(metadata: ClientMetadata): boolean;
}

const among = (built: readonly string[], value: string | undefined) => value === undefined || built.includes(value);
const everywhere = { authorize: 'unauthorized_client', token: 'unauthorized_client' } as const;

const RULES: Rule[] = [
  rule(
    'token_endpoint_auth_method',
    'only client_secret_basic, client_secret_post and none authenticate a client',
    (m) => !among(BUILT_AUTH_METHODS, m.token_endpoint_auth_method),
  ),
  rule(
    'grant_types',
    `only ${BUILT_GRANT_TYPES.join(', ')} are granted`,
    (m) => !m.grant_types.every((type) => among(BUILT_GRANT_TYPES, type)),
  ),
  rule('response_types', 'only code is answered', (m) => !m.response_types.every((type) => among(BUILT_RESPONSE_TYPES, type))),
  rule('subject_type', 'subjects are public', (m) => m.subject_type === 'pairwise', everywhere),
  rule('sector_identifier_uri', 'subjects are public', (m) => m.sector_identifier_uri !== undefined),
  rule('dpop_bound_access_tokens', 'DPoP proofs are not checked', (m) => m.dpop_bound_access_tokens === true, {
    token: 'invalid_dpop_proof',
  }),
  rule(
    'tls_client_certificate_bound_access_tokens',
    'tokens are not bound to certificates',
    (m) => m.tls_client_certificate_bound_access_tokens === true,
    { token: 'unauthorized_client' },
  ),
  rule('require_pushed_authorization_requests', 'requests cannot be pushed', (m) => m.require_pushed_authorization_requests === true, {
    authorize: 'invalid_request',
  }),
  rule('require_signed_request_object', 'request objects are not read', (m) => m.require_signed_request_object === true, {
    authorize: 'request_not_supported',
  }),
  rule(
    'id_token_signed_response_alg',
    `ID tokens are signed with ${BUILT_SIGNING_ALGS.join(', ')}`,
    (m) => !among(BUILT_SIGNING_ALGS, m.id_token_signed_response_alg),
    everywhere,
  ),
  rule(
    'userinfo_signed_response_alg',
    `userinfo is signed with ${BUILT_SIGNING_ALGS.join(', ')}`,
    (m) => !among(BUILT_SIGNING_ALGS, m.userinfo_signed_response_alg),
    everywhere,
  ),
  encrypted('id_token_encrypted_response_alg'),
  encrypted('userinfo_encrypted_response_alg'),
  rule('request_object_signing_alg', 'request objects are not read', (m) => m.request_object_signing_alg !== undefined),
  rule('request_object_encryption_alg', 'request objects are not read', (m) => m.request_object_encryption_alg !== undefined),
  rule('request_uris', 'request_uri is not read', (m) => (m.request_uris?.length ?? 0) > 0),
  rule('authorization_details_types', 'authorization_details are not read', (m) => (m.authorization_details_types?.length ?? 0) > 0),
  rule(
    'authorization_signed_response_alg',
    'authorization responses are not signed',
    (m) => m.authorization_signed_response_alg !== undefined,
  ),
  rule(
    'authorization_encrypted_response_alg',
    'authorization responses are not encrypted',
    (m) => m.authorization_encrypted_response_alg !== undefined,
    { authorize: 'unauthorized_client' },
  ),
  rule(
    'introspection_signed_response_alg',
    `introspection answers are signed with ${BUILT_SIGNING_ALGS.join(', ')}`,
    (m) => !among(BUILT_SIGNING_ALGS, m.introspection_signed_response_alg),
  ),
  rule(
    'introspection_encrypted_response_alg',
    'introspection answers are plain or signed',
    (m) => m.introspection_encrypted_response_alg !== undefined,
  ),
  rule('frontchannel_logout_uri', 'logout is told by back channel only', (m) => m.frontchannel_logout_uri !== undefined),
  rule('backchannel_token_delivery_mode', 'CIBA is not offered', (m) => m.backchannel_token_delivery_mode !== undefined),
  rule('default_acr_values', 'no authentication context classes are told apart', (m) => (m.default_acr_values?.length ?? 0) > 0),
  rule('software_statement', 'software statements are not read', (m) => m.software_statement !== undefined),
  rule('freshness_bound_ms', 'the bound is set for the whole provider', (m) => m.freshness_bound_ms !== undefined),
  rule('confirm_wait_ms', 'the wait is set for the whole provider', (m) => m.confirm_wait_ms !== undefined),
  rule('account_reauth_after', 'the account pages are the provider’s own', (m) => m.account_reauth_after !== undefined),
  rule('allow_private_receivers', 'the list is set for the whole provider', (m) => m.allow_private_receivers !== undefined),
];

function rule(member: string, why: string, applies: Rule['applies'], refusedBy?: NotBuilt['refusedBy']): Rule {
  return { member, why, applies, ...(refusedBy ? { refusedBy } : {}) };
}

function encrypted(member: 'id_token_encrypted_response_alg' | 'userinfo_encrypted_response_alg'): Rule {
  return rule(member, 'nothing is encrypted to clients', (m) => m[member] !== undefined, everywhere);
}

/** For the reference: the members that can ask for more than is built. */
export const LIMITED_MEMBERS: readonly Pick<NotBuilt, 'member' | 'why'>[] = RULES.map(({ member, why }) => ({ member, why }));

/** What this client is registered for and will not get yet; named in the log at every start. */
export function notBuiltYet(metadata: ClientMetadata): NotBuilt[] {
  return RULES.filter((candidate) => candidate.applies(metadata)).map(({ applies: _, ...named }) => named);
}

/** A registered member is never ignored: the endpoint that can't honour it refuses the client. */
export function refuseNotBuilt(metadata: ClientMetadata, endpoint: Refusing): void {
  for (const { member, why, refusedBy } of notBuiltYet(metadata)) {
    const error = refusedBy?.[endpoint];
    if (error) throw oauthError(error, { description: `This client is registered with ${member}, which is not available: ${why}.` });
  }
}
