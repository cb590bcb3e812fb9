import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import type { WrappedSealingKey } from '#libs/contracts';
import { type Kek, KeyError } from '#libs/keys';
import { jweHeader } from './jwe-header.js';

export const SEALING_ALG = 'A256GCM';
const ENVELOPE_VERSION = 1;

export type SealingKeyState = WrappedSealingKey['state'];

/** A 256-bit key for `dir` + A256GCM. Random nonces: at most 2^32 tokens each, which is why it rotates daily (NIST SP 800-38D §8.3). */
export interface SealingKey {
  readonly kid: string;
  readonly key: KeyObject;
  readonly state: SealingKeyState;
  /** The protected header of every token under this key. */
  readonly header: string;
}

export function newSealingKeyBytes(): Buffer {
  return randomBytes(32);
}

export function sealingKey(kid: string, bytes: Buffer, state: SealingKeyState): SealingKey {
  if (bytes.length !== 32) throw new KeyError(`sealing key ${kid} has ${bytes.length} bytes, not 32`);
  return { kid, key: createSecretKey(bytes), state, header: jweHeader(kid) };
}

export function wrapSealingKey(kek: Kek, kid: string, bytes: Buffer): Promise<string> {
  return kek.seal(bytes, sealingKeyBinding(kid));
}

export function sealingKeyBinding(kid: string) {
  return { kid, alg: SEALING_ALG, version: ENVELOPE_VERSION };
}
