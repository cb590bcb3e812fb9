import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { ALGORITHMS, type SigningAlg } from './algorithms.js';
import { KeyError } from './errors.js';
import { jwkThumbprint } from './thumbprint.js';
import type { PublicJwk } from './verification-key.js';

const generate = promisify(generateKeyPair);

/** A key that signs. The private half is a KeyObject: it can't be logged or serialised by accident. */
export interface SigningKey {
  readonly kid: string;
  readonly alg: SigningAlg;
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/** RSA takes a few hundred milliseconds of a pool thread; the others less than one. */
export async function generateSigningKey(alg: SigningAlg): Promise<SigningKey> {
  return describe(alg, await newPrivateKey(alg));
}

async function newPrivateKey(alg: SigningAlg): Promise<KeyObject> {
  if (alg === 'ES256') return (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  if (alg === 'EdDSA') return (await generate('ed25519')).privateKey;
  return (await generate('rsa', { modulusLength: 2048 })).privateKey;
}

/** PKCS #8 DER, for the envelope only. */
export function exportPrivateKey(key: SigningKey): Buffer {
  return key.privateKey.export({ type: 'pkcs8', format: 'der' });
}

export function importSigningKey(alg: SigningAlg, pkcs8: Buffer): SigningKey {
  return describe(alg, createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }));
}

function describe(alg: SigningAlg, privateKey: KeyObject): SigningKey {
  const jwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const { kty, crv } = ALGORITHMS[alg];
  if (jwk.kty !== kty || (crv && jwk.crv !== crv)) throw new KeyError(`the key is not one for ${alg}`);
  const kid = jwkThumbprint(jwk);
  return { kid, alg, privateKey, publicJwk: { ...jwk, kty, kid, alg, use: 'sig' } };
}
