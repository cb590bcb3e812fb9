import { randomBytes } from 'node:crypto';
import { decodeBase64url } from './base64url.js';
import { KeyError } from './errors.js';
import { gcmOpen, gcmSeal } from './gcm.js';
import type { KeyEncryption } from './key-encryption.js';
import { LocalKeyEncryption } from './local-key-encryption.js';

/** What an envelope is bound to: one key's bytes can't be put into another key's row. */
export interface KeyBinding {
  readonly kid: string;
  readonly alg: string;
  readonly version: number;
}

const FORMAT = 'lk1';

/**
 * Encryption of keys at rest (SECURITY, Keys): each key under its own data key, the data key under the KEK, both bound to
 * kid|alg|version. Envelope: `lk1.<KEK id>.<wrapped data key>.<sealed key>`, base64url parts.
 */
export class Kek {
  constructor(private readonly encryption: KeyEncryption) {}

  static local(secret: Buffer, name: string): Kek {
    return new Kek(new LocalKeyEncryption(secret, name));
  }

  async seal(key: Buffer, binding: KeyBinding): Promise<string> {
    const aad = context(binding);
    const dek = randomBytes(32);
    const wrapped = await this.encryption.wrap(dek, aad);
    return [FORMAT, this.encryption.id, wrapped.toString('base64url'), gcmSeal(dek, key, aad).toString('base64url')].join('.');
  }

  /** Throws a `KeyError` that says which KEK was used and which is here. */
  async open(envelope: string, binding: KeyBinding): Promise<Buffer> {
    const [format, kekId, dekPart, keyPart, ...more] = envelope.split('.');
    const wrapped = dekPart ? decodeBase64url(dekPart) : null;
    const sealed = keyPart ? decodeBase64url(keyPart) : null;
    if (format !== FORMAT || !kekId || !wrapped || !sealed || more.length > 0)
      throw new KeyError(`the stored key ${binding.kid} is not an envelope of ours`);
    if (kekId !== this.encryption.id) throw new KeyError(this.wrongKek(kekId, binding.kid));
    const aad = context(binding);
    const key = gcmOpen(await this.encryption.unwrap(wrapped, aad), sealed, aad);
    if (!key) throw new KeyError(`the stored key ${binding.kid} was altered`);
    return key;
  }

  private wrongKek(usedId: string, kid: string): string {
    const { name, id } = this.encryption;
    return `${name} is not the key that the stored keys were encrypted under: key ${kid} needs the one with id ${usedId}, this one has id ${id}. Restore ${name} from its backup`;
  }
}

function context({ kid, alg, version }: KeyBinding): Buffer {
  return Buffer.from(`${kid}|${alg}|${version}`);
}
