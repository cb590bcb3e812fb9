import { generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { SERVICES, type ServiceName } from '#libs/contracts';

/** A key pair per service, as the launcher makes them. */
export function serviceKeys(): { privateJwk(name: ServiceName): JsonWebKey; jwks: { keys: (JsonWebKey & { kid: string })[] } } {
  const pairs = new Map(SERVICES.map((name) => [name, generateKeyPairSync('ed25519')]));
  const pair = (name: ServiceName) => {
    const found = pairs.get(name);
    if (!found) throw new Error(name);
    return found;
  };
  return {
    privateJwk: (name) => pair(name).privateKey.export({ format: 'jwk' }),
    jwks: { keys: SERVICES.map((name) => ({ ...pair(name).publicKey.export({ format: 'jwk' }), kid: name })) },
  };
}
