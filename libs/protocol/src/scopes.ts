import { oauthError } from './oauth-error.js';

/** Scopes that every provider has, with what the consent page says about them. */
export const STANDARD_SCOPES = {
  openid: 'Know who you are here',
  profile: 'See your name and profile',
  email: 'See your e-mail address',
  address: 'See your postal address',
  phone: 'See your phone number',
  online_access: 'Stay signed in as long as you are signed in here',
  offline_access: 'Keep access when you are not here, even after you sign out',
} as const satisfies Record<string, string>;
export type StandardScope = keyof typeof STANDARD_SCOPES;

/** OIDC Core §5.4. */
export const SCOPE_CLAIMS = {
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'preferred_username',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
} as const satisfies Partial<Record<StandardScope, readonly string[]>>;

/** Bounded, because parsing and joining unbounded scopes was a way to stop a server (CVE-2026-4634). */
const MAX_LENGTH = 4_096;
const MAX_SCOPES = 100;
/** RFC 6749 §3.3: %x21 / %x23-5B / %x5D-7E. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,255}$/;

export function isScopeToken(text: string): boolean {
  return SCOPE_TOKEN.test(text);
}

export function isStandardScope(name: string): name is StandardScope {
  return Object.hasOwn(STANDARD_SCOPES, name);
}

/** The order asked for is kept; a name twice counts once. Empty or absent: no scope. */
export function parseScope(text: string | undefined): string[] {
  if (!text) return [];
  if (text.length > MAX_LENGTH) throw oauthError('invalid_scope', { detail: `scope of ${text.length} characters` });
  const names = text.split(' ').filter((name) => name !== '');
  if (names.length > MAX_SCOPES) throw oauthError('invalid_scope', { detail: `${names.length} scopes` });
  if (!names.every(isScopeToken)) throw oauthError('invalid_scope', { detail: 'a character that RFC 6749 §3.3 does not allow' });
  return [...new Set(names)];
}

/**
 * Says which scope is not to be had. The one thing a requester sent that a description repeats: a scope-token has only characters that
 * are allowed there (RFC 6749 §3.3, §5.2), and whoever set the client up wrongly must not have to guess.
 */
export function refuseScopesBeyond(allowed: Iterable<string>, asked: readonly string[], why: string): void {
  const known = new Set(allowed);
  const beyond = asked.find((name) => !known.has(name));
  if (beyond === undefined) return;
  const description = isScopeToken(beyond) ? `The scope '${beyond}' ${why}.` : `A scope ${why}.`;
  throw oauthError('invalid_scope', { description });
}

export type AskedAccess = 'online' | 'offline' | 'both' | 'neither';

/** "Both" must be refused by name; "neither" leaves it to `default_access_mode`. */
export function askedAccess(scope: readonly string[]): AskedAccess {
  const online = scope.includes('online_access');
  const offline = scope.includes('offline_access');
  if (online && offline) return 'both';
  return online ? 'online' : offline ? 'offline' : 'neither';
}

export function claimsOfScopes(scope: readonly string[]): string[] {
  return scope.flatMap((name) => (Object.hasOwn(SCOPE_CLAIMS, name) ? [...SCOPE_CLAIMS[name as keyof typeof SCOPE_CLAIMS]] : []));
}
