import type { MadeUp } from './grammar.js';

/** What the standards allow as an answer. `errors` empty: it must succeed. */
export interface Expected {
  readonly errors: readonly string[];
  readonly scope: readonly string[];
  readonly members: readonly string[];
  /** Whether the right party can still use the code or refresh token that was shown. */
  readonly usableAfter: boolean;
}

export const GRANTED = ['openid', 'photos:read', 'prints:order', 'online_access'];
const PRESS = ['photos:read', 'prints:order'];
const API: Readonly<Record<string, string>> = { 'photos:read': 'photos', 'prints:order': 'prints' };

/** The rules of the token endpoint, from the RFCs, without a line of the product. */
export function expected(asked: MadeUp): Expected {
  const errors = errorsOf(asked);
  const replayed = isReplay(asked, errors);
  const consumed = errors.length === 0 && asked.grantType === 'authorization_code';
  const own = asked.artefact === 'right' ? !consumed : asked.artefact === 'spent' ? !replayed : true;
  return { errors, scope: errors.length === 0 ? scopeOf(asked) : [], members: membersOf(asked), usableAfter: own };
}

function errorsOf(asked: MadeUp): string[] {
  const outside = transportErrors(asked);
  const authentication = authenticationErrors(asked);
  // RFC 6749 gives no order between a malformed request and a failed authentication.
  if (outside.length > 0) return [...outside, ...authentication];
  if (authentication.length > 0) return authentication;
  const { grantType } = asked;
  // RFC 6749 §5.2
  if (grantType === '') return ['invalid_request'];
  if (grantType === 'password') return ['unsupported_grant_type'];
  const may = asked.caller === 'press' ? grantType === 'client_credentials' : grantType !== 'client_credentials';
  if (!may) return ['unauthorized_client', ...ofTheGrant(asked)];
  return ofTheGrant(asked);
}

function transportErrors({ transport, noise }: MadeUp): string[] {
  // RFC 6749 §3.2: POST only; parameters "MUST NOT be included more than once"; appendix B: the media type.
  return transport !== 'form' || noise === 'grant_type twice' || noise === 'code twice' ? ['invalid_request'] : [];
}

function authenticationErrors({ caller, authentication }: MadeUp): string[] {
  // RFC 6749 §2.3: "MUST NOT use more than one authentication method in each request".
  if (authentication === 'both') return ['invalid_request'];
  if (authentication === 'right') return [];
  // A public client's name is all it has (§3.2.1).
  return caller === 'viewer' && authentication === 'name only' ? [] : ['invalid_client'];
}

function ofTheGrant(asked: MadeUp): string[] {
  if (asked.grantType === 'authorization_code') return [...codeErrors(asked), ...resourceErrors(asked)];
  if (asked.grantType === 'refresh_token') return [...refreshErrors(asked), ...scopeErrors(asked), ...resourceErrors(asked)];
  return [...scopeErrors(asked), ...resourceErrors(asked)];
}

function codeErrors({ artefact, withChallenge, verifier, redirectUri }: MadeUp): string[] {
  if (artefact === 'missing') return ['invalid_request'];
  if (artefact !== 'right' || redirectUri !== 'right') return ['invalid_grant'];
  // RFC 7636 §4.6; RFC 9700 §2.1.1: a verifier without a challenge is refused (downgrade).
  const proven = withChallenge ? verifier === 'right' : verifier === 'missing';
  return proven ? [] : ['invalid_grant'];
}

function refreshErrors({ artefact }: MadeUp): string[] {
  if (artefact === 'missing') return ['invalid_request'];
  // "spent" is two behind: a replay (DESIGN, Refresh token).
  return artefact === 'right' ? [] : ['invalid_grant'];
}

/** RFC 6749 §5.2: "invalid, unknown, malformed, or exceeds the scope granted"; a code request has no scope parameter (§4.1.3). */
function scopeErrors({ scope }: MadeUp): string[] {
  return ['superset', 'unknown', 'malformed'].includes(scope) ? ['invalid_scope'] : [];
}

/** RFC 8707 §2. `not granted` is an API none of whose scopes this client has. */
function resourceErrors({ resource }: MadeUp): string[] {
  return resource === 'not granted' || resource === 'unknown' ? ['invalid_target'] : [];
}

function scopeOf({ grantType, caller, scope, resource }: MadeUp): string[] {
  const all = caller === 'press' ? PRESS : GRANTED;
  const narrowed = grantType !== 'authorization_code' && (scope === 'subset' || scope === 'twice') ? ['photos:read'] : all;
  // RFC 8707 §2.2: the scopes of the resources asked for, and those that belong to none.
  return resource === 'photos' ? narrowed.filter((name) => (API[name] ?? 'photos') === 'photos') : narrowed;
}

function membersOf(asked: MadeUp): string[] {
  const always = ['access_token', 'token_type', 'expires_in', 'scope'];
  if (asked.grantType === 'client_credentials') return always; // RFC 6749 §4.4.3: "A refresh token SHOULD NOT be included."
  return [...always, 'refresh_token', ...(scopeOf(asked).includes('openid') ? ['id_token'] : [])];
}

/** RFC 6749 §4.1.2, RFC 9700 §4.14.2. PROTOCOL: a code's second use counts when client, redirect URI and PKCE are right. */
function isReplay(asked: MadeUp, errors: readonly string[]): boolean {
  if (asked.artefact !== 'spent' || !errors.every((error) => ['invalid_grant', 'invalid_target', 'invalid_scope'].includes(error)))
    return false;
  if (asked.grantType === 'refresh_token') return errors.every((error) => error === 'invalid_grant');
  return asked.grantType === 'authorization_code' && codeErrors({ ...asked, artefact: 'right' }).length === 0;
}
