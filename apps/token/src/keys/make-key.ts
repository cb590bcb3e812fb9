import { randomBytes } from 'node:crypto';
import { randomId } from '#libs/database';
import { exportPrivateKey, generateSigningKey, isSigningAlg, type Kek, KeyError } from '#libs/keys';
import { newSealingKeyBytes, wrapSealingKey } from '#libs/sealing';
import type { NewKey } from './key.store.js';
import type { KeyLine } from './key-line.js';

/** Which key-encryption key guards what (DESIGN, Tokens): sealing keys have their own, because introspect and auth hold it too. */
export interface Keks {
  readonly kek: Kek;
  readonly sealingKek: Kek;
}

const ENVELOPE_VERSION = 1;

/** A fresh key for a line, already in its envelope: plaintext never gets further than this function. */
export async function makeKey({ purpose, alg }: KeyLine, { kek, sealingKek }: Keks): Promise<NewKey> {
  const version = ENVELOPE_VERSION;
  if (purpose === 'signing') {
    if (!isSigningAlg(alg)) throw new KeyError(`no signing key can be made for ${alg}`);
    const key = await generateSigningKey(alg);
    return {
      kid: key.kid,
      version,
      envelope: await kek.seal(exportPrivateKey(key), { kid: key.kid, alg, version }),
      publicJwk: key.publicJwk,
    };
  }
  const kid = randomId();
  if (purpose === 'sealing')
    return { kid, version, envelope: await wrapSealingKey(sealingKek, kid, newSealingKeyBytes()), publicJwk: null };
  return { kid, version, envelope: await kek.seal(randomBytes(32), { kid, alg, version }), publicJwk: null };
}
