import { createHmac, hkdfSync } from 'node:crypto';
import { KeyError } from './errors.js';
import { gcmOpen, gcmSeal } from './gcm.js';
import type { KeyEncryption } from './key-encryption.js';

/** A key-encryption key held in this process's memory (from a file or the environment). Its `id` says which, without saying it. */
export class LocalKeyEncryption implements KeyEncryption {
  readonly id: string;
  private readonly key: Buffer;

  /** `name` is what the operator calls it (`LANYARD_KEK`). */
  constructor(
    secret: Buffer,
    readonly name: string,
  ) {
    if (secret.length < 32) throw new KeyError(`${name} must be at least 32 random bytes; it has ${secret.length}`);
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'lanyard key encryption', 32));
    this.id = createHmac('sha256', this.key).update('lanyard key encryption id').digest('base64url').slice(0, 11);
  }

  async wrap(dek: Buffer, aad: Buffer): Promise<Buffer> {
    return gcmSeal(this.key, dek, aad);
  }

  async unwrap(wrapped: Buffer, aad: Buffer): Promise<Buffer> {
    const dek = gcmOpen(this.key, wrapped, aad);
    if (!dek) throw new KeyError(`${this.name} does not open this key`);
    return dek;
  }
}
