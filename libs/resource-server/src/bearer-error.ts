export type BearerErrorCode = 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'temporarily_unavailable';

/** What to answer in place of the resource (RFC 6750 §3): a status, and the headers that say why and what would be needed. */
export class BearerError extends Error {
  override readonly name = 'BearerError';

  constructor(
    /** Null: no token was sent, so nothing is said about one (§3.1). */
    readonly code: BearerErrorCode | null,
    readonly status: 400 | 401 | 403 | 503,
    readonly headers: Readonly<Record<string, string>>,
    /** For logs; nothing of the token is in it. */
    reason: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

/** 401 without a word: nobody tried. */
export function noToken(): BearerError {
  return new BearerError(null, 401, { 'www-authenticate': 'Bearer' }, 'no bearer token');
}

export function badRequest(reason: string): BearerError {
  return new BearerError('invalid_request', 400, { 'www-authenticate': challenge('invalid_request', {}) }, reason);
}

export function badToken(reason: string, more: Readonly<Record<string, string>> = {}): BearerError {
  return new BearerError('invalid_token', 401, { 'www-authenticate': challenge('invalid_token', more) }, reason);
}

/** The scopes that are needed, all of them: the client asks for these. */
export function scopesNeeded(scopes: readonly string[]): BearerError {
  const scope = scopes.join(' ');
  return new BearerError('insufficient_scope', 403, { 'www-authenticate': challenge('insufficient_scope', { scope }) }, `needs ${scope}`);
}

/** RFC 9470: the token is good, the sign-in behind it is not good enough. */
export function strongerSignInNeeded(needs: Readonly<Record<string, string>>): BearerError {
  const header = `Bearer error="insufficient_user_authentication"${parametersOf(needs)}`;
  return new BearerError('invalid_token', 401, { 'www-authenticate': header }, 'the sign-in is too old or too weak');
}

/** Nobody can say at present whether the token is good: never an acceptance, and no blame on the token. */
export function cannotSay(reason: string, cause?: unknown): BearerError {
  return new BearerError('temporarily_unavailable', 503, { 'retry-after': '1' }, reason, cause);
}

function challenge(error: string, more: Readonly<Record<string, string>>): string {
  return `Bearer error="${error}"${parametersOf(more)}`;
}

function parametersOf(more: Readonly<Record<string, string>>): string {
  return Object.entries(more)
    .map(([name, value]) => `, ${name}="${value.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '')}"`)
    .join('');
}
