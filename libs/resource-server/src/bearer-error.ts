export type BearerErrorCode =
  | 'invalid_request'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'insufficient_user_authentication'
  | 'temporarily_unavailable';

/** What the API answers, and what it says to whoever sent the token: no more than that it won't do, not why. */
const ANSWERS = {
  invalid_request: { status: 400, description: 'The Authorization header is not Bearer and one token' },
  invalid_token: { status: 401, description: 'The access token is malformed, expired, revoked, or not for this API' },
  insufficient_scope: { status: 403, description: 'The access token lacks a scope' },
  insufficient_user_authentication: { status: 401, description: 'The sign-in is too old or not of the kind that is needed' },
  temporarily_unavailable: { status: 503, description: 'It can not be told at present whether the access token is good' },
} as const;

/** The client may try again; a process that was paused or a feed that broke off is back within that. */
const RETRY_AFTER_SECONDS = 1;

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

  /** What a JSON answer may say. Undefined: nothing. */
  get body(): { readonly error: BearerErrorCode; readonly error_description: string } | undefined {
    return this.code === null ? undefined : { error: this.code, error_description: ANSWERS[this.code].description };
  }
}

/** Why a token may not be used, as it is found; what is answered is said once, where `verify` ends. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly code: BearerErrorCode | null,
    reason: string,
    cause?: unknown,
  ) {
    super(reason, { cause });
  }
}

export function noToken(): Refusal {
  return new Refusal(null, 'no bearer token');
}

export function badToken(reason: string): Refusal {
  return new Refusal('invalid_token', reason);
}

/** Nobody can say at present whether the token is good: never an acceptance, and no blame on the token. */
export function cannotSay(reason: string, cause?: unknown): Refusal {
  return new Refusal('temporarily_unavailable', reason, cause);
}

/** What would be needed instead, for the challenge. */
export interface Needed {
  readonly realm?: string | undefined;
  readonly scopes?: readonly string[] | undefined;
  readonly maxAge?: number | undefined;
  readonly acr?: string | readonly string[] | undefined;
}

export function bearerError({ code, message, cause }: Refusal, needed: Needed): BearerError {
  if (code === 'temporarily_unavailable') {
    return new BearerError(code, 503, { 'retry-after': String(RETRY_AFTER_SECONDS) }, message, cause);
  }
  const headers = { 'www-authenticate': challenge(code, needed) };
  return new BearerError(code, code === null ? 401 : ANSWERS[code].status, headers, message, cause);
}

/** RFC 6750 §3; the scopes always, so that a client without a token knows what to ask for; RFC 9470 §3 for the sign-in. */
function challenge(code: Exclude<BearerErrorCode, 'temporarily_unavailable'> | null, { realm, scopes = [], maxAge, acr }: Needed): string {
  const signIn = code === 'insufficient_user_authentication';
  const acrs = typeof acr === 'string' ? acr : acr?.join(' ');
  const parameters: [string, string | undefined][] = [
    ['realm', realm],
    ['error', code ?? undefined],
    ['error_description', code === null ? undefined : ANSWERS[code].description],
    ['scope', scopes.length > 0 ? scopes.join(' ') : undefined],
    ['acr_values', signIn ? acrs : undefined],
    ['max_age', signIn && maxAge !== undefined ? String(maxAge) : undefined],
  ];
  const said = parameters.flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${quotable(value)}"`]));
  return ['Bearer', said.join(', ')].filter((part) => part !== '').join(' ');
}

/** What may stand between quotes without an escape (RFC 6750 §3), so that no value can say more than itself. */
function quotable(value: string): string {
  return value.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '');
}
