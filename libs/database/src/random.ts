import { randomBytes } from 'node:crypto';

/** An identifier: 128 random bits, 22 characters. Not a secret; fit for logs and tokens' claims. */
export function randomId(): string {
  return randomBytes(16).toString('base64url');
}

/** A bearer secret: 256 random bits behind a prefix that secret scanners can look for. Only its HMAC may be stored. */
export function randomSecret(prefix: string): string {
  return prefix + randomBytes(32).toString('base64url');
}
