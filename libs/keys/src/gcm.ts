import { type CipherKey, createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** AES-256-GCM with a random 96-bit nonce; nonce, ciphertext and tag in one buffer. For few messages per key (envelopes). */
export function gcmSeal(key: CipherKey, plaintext: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 }).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** null: not sealed under this key and this context, or altered. */
export function gcmOpen(key: CipherKey, sealed: Buffer, aad: Buffer): Buffer | null {
  if (sealed.length < 28) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
  decipher.setAAD(aad).setAuthTag(sealed.subarray(-16));
  const head = decipher.update(sealed.subarray(12, -16));
  try {
    return Buffer.concat([head, decipher.final()]);
  } catch {
    return null;
  }
}
