import { createDecipheriv } from 'node:crypto';
import { decodeBase64url } from '#libs/keys';
import { PREFIX } from '#libs/protocol';
import { isAccessTokenClaims, type OpenedAccessToken } from './access-token-claims.js';
import { kidOfHeader } from './jwe-header.js';
import type { SealingKey } from './sealing-key.js';
import type { SealingKeyring } from './sealing-keyring.js';

export const OPAQUE_PREFIX = PREFIX.accessToken;
export const MAX_ACCESS_TOKEN = 16_384;
const NONCE_TEXT = 16;
const TAG_TEXT = 22;

/**
 * Claims of an opaque access token, or null for anything that is not exactly a token we sealed. The hot path of introspection:
 * `node:crypto`, no promise, no parsing before the tag has proven the whole token (a truncated one must not pass, Zitadel
 * CVE-2026-27840). Expiry, issuer and revocation are the caller's.
 */
export function openAccessToken(token: string, keyring: SealingKeyring): OpenedAccessToken | null {
  const header = headerOf(token);
  if (header === null) return null;
  const key = keyFor(header, keyring);
  return key ? openWith(key, header, token) : null;
}

/** The protected header's text of something that has the form of our token. */
export function headerOf(token: string): string | null {
  if (token.length > MAX_ACCESS_TOKEN || !token.startsWith(OPAQUE_PREFIX)) return null;
  const end = token.indexOf('.', OPAQUE_PREFIX.length);
  return end > 0 ? token.slice(OPAQUE_PREFIX.length, end) : null;
}

export function keyFor(header: string, keyring: SealingKeyring): SealingKey | undefined {
  return keyring.getByHeader(header) ?? keyring.get(kidOfHeader(header) ?? '');
}

/** Compact JWE with `dir`: header . (no encrypted key) . nonce . ciphertext . tag; the header's text is the AAD (RFC 7516 §5.2). */
export function openWith({ key, kid }: SealingKey, header: string, token: string): OpenedAccessToken | null {
  const start = OPAQUE_PREFIX.length + header.length;
  const nonceAt = start + 2;
  const textAt = nonceAt + NONCE_TEXT + 1;
  const tagAt = token.length - TAG_TEXT;
  if (tagAt - 1 < textAt || !token.startsWith('..', start) || token[textAt - 1] !== '.' || token[tagAt - 1] !== '.') return null;
  const nonce = decodeBase64url(token.slice(nonceAt, textAt - 1));
  const sealed = decodeBase64url(token.slice(textAt, tagAt - 1));
  const tag = decodeBase64url(token.slice(tagAt));
  if (!nonce || !sealed || !tag) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  decipher.setAAD(Buffer.from(header, 'latin1')).setAuthTag(tag);
  const plaintext = decipher.update(sealed, undefined, 'utf8');
  try {
    const claims: unknown = JSON.parse(plaintext + decipher.final('utf8'));
    return isAccessTokenClaims(claims) ? Object.assign(claims, { kid }) : null;
  } catch {
    return null;
  }
}
