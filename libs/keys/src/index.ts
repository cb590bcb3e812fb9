/**
 * libs/keys owns what a key is: making one, signing and verifying with it, naming it (thumbprint), and encrypting it at rest.
 * It stores nothing and calls nobody: rows live in apps/token, bytes of a remote key set come through a fetcher port.
 * Used by apps/token (signing), by every service that verifies our JWTs, and by libs/sealing.
 */
export { isSigningAlg, SIGNING_ALGS, type SigningAlg } from './algorithms.js';
export { decodeBase64url } from './base64url.js';
export { KeyError, KeysUnavailable } from './errors.js';
export { exportPrivateKey, generateSigningKey, importSigningKey, type SigningKey } from './signing-key.js';
export { Kek, type KeyBinding, type KeyEncryption } from './kek.js';
export { LocalKeyEncryption } from './local-key-encryption.js';
export { KeySet } from './key-set.js';
export { parseJwt, type ParsedJwt } from './parse-jwt.js';
export { type PublicJwk, type VerificationKey, verificationKey } from './verification-key.js';
export { RemoteKeySet, type RemoteKeySetOptions } from './remote-key-set.js';
export { SingleFlight } from './single-flight.js';
export { signJwt } from './sign-jwt.js';
export { jwkThumbprint } from './thumbprint.js';
export { verifyJwt, type VerifiedJwt, type VerifyOptions } from './verify-jwt.js';
