import { createHash, type JsonWebKey } from 'node:crypto';
import { KeyError } from './errors.js';

/** The members that make the key, in the order RFC 7638 §3.2 hashes them. */
const REQUIRED: Record<string, readonly string[]> = {
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
  RSA: ['e', 'kty', 'n'],
};

/** RFC 7638 SHA-256 thumbprint, base64url: our `kid`, so that two keys never share one. */
export function jwkThumbprint(jwk: JsonWebKey): string {
  const members = REQUIRED[jwk.kty ?? ''];
  if (!members) throw new KeyError(`no thumbprint for a key of type ${String(jwk.kty)}`);
  const required: Record<string, string> = {};
  for (const name of members) {
    const value = jwk[name];
    if (typeof value !== 'string') throw new KeyError(`a ${jwk.kty} key without "${name}"`);
    required[name] = value;
  }
  return createHash('sha256').update(JSON.stringify(required)).digest('base64url');
}
