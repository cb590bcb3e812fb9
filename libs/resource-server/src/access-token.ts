/** An access token as far as a resource server has to know it: the claims of RFC 9068 and of RFC 7662, which are the same. Times in seconds. */
export interface AccessToken {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly client_id: string;
  readonly exp: number;
  readonly jti: string;
  readonly scope?: string;
  readonly iat?: number;
  readonly nbf?: number;
  /** The login session it hangs from; absent in one that outlives its session. */
  readonly sid?: string;
  readonly gid?: string;
  readonly acr?: string;
  readonly auth_time?: number;
  readonly cnf?: Readonly<Record<string, unknown>>;
  readonly [claim: string]: unknown;
}

/**
 * Null: it lacks what every access token has. What it answers with is frozen all the way down: the same object goes to every request that comes with the
 * token, and no handler may write into what the next one is judged by.
 */
export function accessTokenOf(claims: Readonly<Record<string, unknown>>): AccessToken | null {
  const { iss, sub, aud, client_id, exp, jti, scope, nbf, iat, sid, gid, acr, auth_time, cnf } = claims;
  const audiences = typeof aud === 'string' || (Array.isArray(aud) && aud.every((one) => typeof one === 'string'));
  const texts = [iss, sub, client_id, jti].every((text) => typeof text === 'string' && text !== '');
  const maybeTexts = [scope, sid, gid, acr].every((text) => text === undefined || typeof text === 'string');
  const maybeNumbers = [nbf, iat, auth_time].every((number) => number === undefined || isNumber(number));
  const bound = cnf === undefined || (typeof cnf === 'object' && cnf !== null);
  return audiences && texts && maybeTexts && maybeNumbers && bound && isNumber(exp) ? (frozen(claims) as AccessToken) : null;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

/** Without recursion: how deep claims are is said by whoever wrote them. */
function frozen<T extends object>(value: T): T {
  const left: object[] = [value];
  for (let next = left.pop(); next; next = left.pop()) {
    Object.freeze(next);
    for (const member of Object.values(next)) if (typeof member === 'object' && member !== null) left.push(member);
  }
  return value;
}
