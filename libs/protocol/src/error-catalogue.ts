/** One error: what goes on the wire, how the HTTP answer is marked, and where the specification says so. */
export interface CatalogueEntry {
  readonly error: string;
  readonly status: number;
  readonly description: string;
  readonly spec: string;
}

const entry = (error: string, status: number, spec: string, description: string): CatalogueEntry => ({ error, status, description, spec });

/**
 * Every error a requester can meet. The key is our name for it; several may share one wire code with another status.
 * `status` is that of a direct answer; by redirect (authorization endpoint) only code and description travel.
 */
export const ERRORS = {
  invalid_request: entry('invalid_request', 400, 'RFC 6749 §5.2', 'The request is malformed, or lacks or repeats a parameter.'),
  request_too_large: entry('invalid_request', 413, 'RFC 9110 §15.5.14', 'The request is larger than this server accepts.'),
  unsupported_content: entry('invalid_request', 415, 'RFC 9110 §15.5.16', 'The content type must be application/x-www-form-urlencoded.'),
  method_not_allowed: entry('invalid_request', 405, 'RFC 9110 §15.5.6', 'This endpoint does not answer that method.'),
  not_found: entry('invalid_request', 404, 'RFC 9110 §15.5.5', 'There is nothing at this address.'),
  conflict: entry('invalid_request', 409, 'RFC 9110 §15.5.10', 'That does not fit the present state of what it is about.'),
  invalid_client: entry('invalid_client', 401, 'RFC 6749 §5.2', 'Client authentication failed.'),
  too_many_requests: entry('temporarily_unavailable', 429, 'RFC 6585 §4', 'Too many attempts; try again later.'),
  invalid_grant: entry('invalid_grant', 400, 'RFC 6749 §5.2', 'The grant is invalid, expired, revoked, or issued to another client.'),
  unauthorized_client: entry('unauthorized_client', 400, 'RFC 6749 §5.2', 'This client may not do that.'),
  unsupported_grant_type: entry('unsupported_grant_type', 400, 'RFC 6749 §5.2', 'The grant type is not supported.'),
  invalid_scope: entry('invalid_scope', 400, 'RFC 6749 §5.2', 'The scope is invalid, unknown, or more than this client may ask for.'),
  invalid_target: entry('invalid_target', 400, 'RFC 8707 §2', 'The resource is unknown or not allowed.'),
  access_denied: entry('access_denied', 403, 'RFC 6749 §4.1.2.1', 'The request was denied.'),
  unsupported_response_type: entry('unsupported_response_type', 400, 'RFC 6749 §4.1.2.1', 'The response type is not supported.'),
  server_error: entry('server_error', 500, 'RFC 6749 §4.1.2.1', 'Something went wrong on our side.'),
  temporarily_unavailable: entry('temporarily_unavailable', 503, 'RFC 6749 §4.1.2.1', 'Temporarily unavailable; try again.'),
  login_required: entry('login_required', 400, 'OIDC Core §3.1.2.6', 'The user must sign in.'),
  consent_required: entry('consent_required', 400, 'OIDC Core §3.1.2.6', 'The user must agree first.'),
  interaction_required: entry('interaction_required', 400, 'OIDC Core §3.1.2.6', 'The user must be asked something.'),
  account_selection_required: entry('account_selection_required', 400, 'OIDC Core §3.1.2.6', 'The user must choose an account.'),
  request_not_supported: entry('request_not_supported', 400, 'OIDC Core §3.1.2.6', 'Request objects are not supported.'),
  request_uri_not_supported: entry('request_uri_not_supported', 400, 'OIDC Core §3.1.2.6', 'request_uri is not supported.'),
  registration_not_supported: entry(
    'registration_not_supported',
    400,
    'OIDC Core §3.1.2.6',
    'The registration parameter is not supported.',
  ),
  invalid_request_uri: entry('invalid_request_uri', 400, 'RFC 9101 §7', 'The request_uri is invalid or expired.'),
  invalid_request_object: entry('invalid_request_object', 400, 'RFC 9101 §7', 'The request object is invalid.'),
  invalid_authorization_details: entry('invalid_authorization_details', 400, 'RFC 9396 §5', 'The authorization details are invalid.'),
  unmet_authentication_requirements: entry(
    'unmet_authentication_requirements',
    400,
    'OIDC Unmet Authentication Requirements §2',
    'The user cannot be authenticated as was asked.',
  ),
  invalid_client_metadata: entry(
    'invalid_client_metadata',
    400,
    'RFC 7591 §3.2.2',
    'The metadata of the client are invalid, or do not go together.',
  ),
  invalid_redirect_uri: entry('invalid_redirect_uri', 400, 'RFC 7591 §3.2.2', 'A redirect URI of the client is invalid.'),
  unsupported_token_type: entry('unsupported_token_type', 400, 'RFC 7009 §2.2.1', 'Tokens of this type cannot be revoked here.'),
  invalid_dpop_proof: entry('invalid_dpop_proof', 400, 'RFC 9449 §5', 'The DPoP proof is missing or invalid.'),
  bearer_token_missing: entry('invalid_token', 401, 'RFC 6750 §3.1', 'An access token is needed.'),
  gateway_not_authenticated: entry('server_error', 500, 'RFC 9110 §15.6.1', 'The gateway could not say who it is.'),
  invalid_token: entry('invalid_token', 401, 'RFC 6750 §3.1', 'The access token is invalid, expired or revoked.'),
  insufficient_scope: entry('insufficient_scope', 403, 'RFC 6750 §3.1', 'The access token lacks a scope that this needs.'),
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorName = keyof typeof ERRORS;
