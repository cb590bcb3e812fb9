import { createHash, createHmac, createSecretKey, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto';

/** One key each, so that a hash of one kind can never be taken for another's. */
export type PepperType =
  | 'code'
  | 'cookie'
  | 'interaction'
  | 'client_secret'
  | 'csrf'
  | 'ephemeral'
  | 'device_code'
  | 'user_code'
  | 'pushed_request'
  | 'registration_token'
  | 'service_token'
  | 'import_plan';

/**
 * Keyed hashes for what is stored instead of a secret (codes, cookies, client secrets): a dump of the database without
 * LANYARD_PEPPER yields nothing that can be tried offline. Fast on purpose: only for secrets of high entropy, never for passwords.
 */
export class Pepper {
  private readonly secret: Buffer;
  private readonly keys = new Map<PepperType, KeyObject>();

  constructor(secret: Buffer | string) {
    this.secret = typeof secret === 'string' ? Buffer.from(secret, 'utf8') : secret;
    if (this.secret.length < 32) throw new Error('the pepper needs at least 32 bytes');
  }

  /** base64url HMAC-SHA-256 under HKDF(secret, type). */
  mac(type: PepperType, value: string): string {
    return createHmac('sha256', this.key(type)).update(value, 'utf8').digest('base64url');
  }

  /** In constant time, whatever the lengths. */
  equal(a: string, b: string): boolean {
    const digest = (text: string) => createHash('sha256').update(text, 'utf8').digest();
    return timingSafeEqual(digest(a), digest(b));
  }

  private key(type: PepperType): KeyObject {
    let key = this.keys.get(type);
    if (!key) {
      key = createSecretKey(Buffer.from(hkdfSync('sha256', this.secret, Buffer.alloc(0), `lanyard/${type}`, 32)));
      this.keys.set(type, key);
    }
    return key;
  }
}
