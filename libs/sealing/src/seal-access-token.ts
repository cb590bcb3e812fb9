import { createCipheriv, randomBytes } from 'node:crypto';
import { KeyError } from '#libs/keys';
import type { AccessTokenClaims } from '#libs/protocol';
import { MAX_ACCESS_TOKEN, OPAQUE_PREFIX } from './open-access-token.js';
import type { SealingKey } from './sealing-key.js';

/** `lanyard_at_` + compact JWE (RFC 7516 §7.1), `dir` + A256GCM under a random 96-bit nonce. */
export function sealAccessToken(claims: AccessTokenClaims, { key, header }: SealingKey): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(Buffer.from(header, 'latin1'));
  const sealed = cipher.update(JSON.stringify(claims), 'utf8', 'base64url') + cipher.final('base64url');
  const token = `${OPAQUE_PREFIX}${header}..${nonce.toString('base64url')}.${sealed}.${cipher.getAuthTag().toString('base64url')}`;
  // refusing here is better than a token that no one would open
  if (token.length > MAX_ACCESS_TOKEN) throw new KeyError(`an access token of ${token.length} characters: its claims are too large`);
  return token;
}
