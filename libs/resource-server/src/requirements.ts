import { badToken, Refusal } from './bearer-error.js';
import type { KnownToken } from './known-token.js';

/**
 * What one request needs of the token it comes with. Evaluated on every request: never part of anything that is kept. Leave a member out where nothing is
 * needed; one that is there without a value, or that isn't one of these, is a TypeError.
 */
export interface Requirements {
  /** All of them. */
  readonly scopes?: readonly string[];
  readonly subject?: string;
  /** Seconds since the user signed in (RFC 9470). */
  readonly maxAge?: number;
  /** One of them (RFC 9470). */
  readonly acr?: string | readonly string[];
}

export interface Expected {
  readonly issuer: string;
  readonly audience: string;
}

/** Milliseconds. */
export interface Now {
  /** By the server's clock, which judges `exp`. Null: it isn't known, and the server itself judges. */
  readonly owner: number | null;
  /** The best that is known, for how long ago the sign-in was. Null: it will be known when the server has been asked. */
  readonly best: number | null;
}

const MEMBERS: ReadonlySet<string> = new Set(['scopes', 'subject', 'maxAge', 'acr'] satisfies (keyof Requirements)[]);

/**
 * Throws a TypeError for what can't be meant: `{ subject: request.params.usr }` of a route that has no such parameter would be no requirement at all, and
 * everybody's token would do. It blames the API's own code, so it is no answer to a client: a 500, never a yes.
 */
export function mustBeRequirements(needs: unknown): asserts needs is Requirements {
  if (typeof needs !== 'object' || needs === null)
    throw new TypeError(`requirements are an object, not ${needs === null ? 'null' : typeof needs}`);
  if ('then' in needs) throw new TypeError('requirements are an object, not a promise of one');
  for (const member in needs) {
    if (!MEMBERS.has(member)) throw new TypeError(`${member} is no requirement: scopes, subject, maxAge and acr are`);
    const value = needs[member as keyof object];
    if (value === undefined || value === null)
      throw new TypeError(`the requirement ${member} is ${value}: leave it out where nothing is needed`);
  }
}

/** Throws the first thing that is wrong: what the token is, then what it may. */
export function check({ token, scopes }: KnownToken, expected: Expected, needs: Requirements, now: Now): void {
  const { iss, aud, exp, nbf, cnf, token_type, sub } = token;
  if (iss !== expected.issuer) throw badToken('the token is of another issuer');
  if (typeof aud === 'string' ? aud !== expected.audience : !aud.includes(expected.audience)) {
    throw badToken('the token is for another audience');
  }
  if (now.owner !== null && exp * 1_000 <= now.owner) throw badToken('the token has expired');
  if (now.owner !== null && nbf !== undefined && nbf * 1_000 > now.owner) throw badToken('the token is not valid yet');
  // RFC 9449 §7.2: a bound token sent as Bearer is a stolen one, as far as anybody can tell
  if (cnf !== undefined) throw badToken('the token is bound to a key, and was sent as Bearer');
  if (token_type !== undefined && String(token_type).toLowerCase() !== 'bearer') throw badToken('the token is of a type that nobody bears');
  if (needs.subject !== undefined && sub !== needs.subject) throw badToken('the token is of somebody else');
  const lacking = needs.scopes?.find((scope) => !scopes.has(scope));
  if (lacking !== undefined) throw new Refusal('insufficient_scope', `the token lacks ${lacking}`);
  if (needs.maxAge !== undefined || needs.acr !== undefined) checkSignIn(token, needs, now.best);
}

function checkSignIn({ auth_time, acr }: KnownToken['token'], needs: Requirements, now: number | null): void {
  const refusal = (reason: string) => new Refusal('insufficient_user_authentication', reason);
  if (needs.maxAge !== undefined && now !== null && !(auth_time !== undefined && now - auth_time * 1_000 <= needs.maxAge * 1_000)) {
    throw refusal('the sign-in is too old');
  }
  const acrs = typeof needs.acr === 'string' ? [needs.acr] : needs.acr;
  if (acrs !== undefined && !(acr !== undefined && acrs.includes(acr))) throw refusal('the sign-in is not of the kind that is needed');
}
