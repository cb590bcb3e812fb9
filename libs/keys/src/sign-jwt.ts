import { sign } from 'node:crypto';
import { ALGORITHMS } from './algorithms.js';
import type { SigningKey } from './signing-key.js';

/**
 * A compact JWS, synchronously (TECH §8: ES256 0.03 ms, RS256 0.26 ms). `typ` is always written: a token says what it is
 * (RFC 8725 §3.11). `alg` and `kid` come from the key, whatever `header` says.
 */
export function signJwt(key: SigningKey, header: { readonly typ: string }, claims: Readonly<Record<string, unknown>>): string {
  const input = `${encode({ ...header, alg: key.alg, kid: key.kid })}.${encode(claims)}`;
  const { hash, options } = ALGORITHMS[key.alg];
  return `${input}.${sign(hash, Buffer.from(input), { key: key.privateKey, ...options }).toString('base64url')}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
