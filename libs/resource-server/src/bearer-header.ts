import { decodeBase64url } from '#libs/keys';
import { PREFIX } from '#libs/protocol';
import { badToken, noToken, Refusal } from './bearer-error.js';
import { objectOf } from './discovery.js';
import { LONGEST_TOKEN } from './token-names.js';

const SCHEME = 'Bearer ';
/** RFC 6750 §2.1: b64token. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]+=*) *$/i;
const LONGEST_JWE_HEADER = 512;

/** The token of an `Authorization` header, strictly; nothing of it is believed yet. */
export function tokenOf(authorization: string | undefined): string {
  if (typeof authorization !== 'string' || authorization === '') throw noToken();
  if (/^DPoP /i.test(authorization)) throw badToken('tokens that are bound to a key are not taken here');
  if (!/^Bearer(?: |$)/i.test(authorization)) throw noToken();
  if (authorization.length > LONGEST_TOKEN + SCHEME.length) throw badToken('the token is too long');
  const [, text] = BEARER.exec(authorization) ?? [];
  if (text === undefined) throw new Refusal('invalid_request', 'the Authorization header is no bearer token');
  return text;
}

/** What may be the token, for asking whether it is a known one: nothing is known under what is none. Null: look closer. */
export function perhapsTokenOf(authorization: string | undefined): string | null {
  if (typeof authorization !== 'string' || !authorization.startsWith(SCHEME)) return null;
  return authorization.length > LONGEST_TOKEN + SCHEME.length ? null : authorization.slice(SCHEME.length);
}

export function isOpaque(text: string): boolean {
  return text.startsWith(PREFIX.accessToken);
}

/** By its form alone; the server makes these two and no other. Null: neither. */
export function formOf(text: string): 'opaque' | 'jwt' | null {
  if (isOpaque(text)) return 'opaque';
  return text.split('.', 4).length === 3 ? 'jwt' : null;
}

/**
 * The key that an opaque token says it is sealed under (the protected header of a compact JWE, RFC 7516 §7.1). The server has proven the header together
 * with the token when it says that the token is active. Null: a token that could not be refused by its key.
 */
export function sealingKidOf(text: string): string | null {
  const end = text.indexOf('.', PREFIX.accessToken.length);
  const header = end === -1 ? '' : text.slice(PREFIX.accessToken.length, end);
  const bytes = header.length > LONGEST_JWE_HEADER ? null : decodeBase64url(header);
  const kid = bytes && objectOf(bytes.toString('utf8'))?.kid;
  return typeof kid === 'string' && kid !== '' ? kid : null;
}
