/**
 * libs/keys owns what a key is: making one, signing and verifying with it, naming it (thumbprint), and encrypting it at rest.
 * It stores nothing and calls nobody: rows live in apps/token, bytes of a remote key set come through a fetcher port.
 * Used by apps/token (signing), by every service that verifies our JWTs, and by libs/sealing.
 */
export { isSigningAlg, SIGNING_ALGS, type SigningAlg } from './algorithms.js';
export { decodeBase64url } from './base64url.js';
export { KeyError, KeysUnavailable } from './errors.js';
export { Kek, type KeyBinding } from './kek.js';
export type { KeyEncryption } from './key-encryption.js';
export { KeySet } from './key-set.js';
export { LocalKeyEncryption } from './local-key-encryption.js';
export { type ParsedJwt, parseJwt } from './parse-jwt.js';
export { RemoteKeySet, type RemoteKeySetOptions } from './remote-key-set.js';
export { signJwt } from './sign-jwt.js';
export { exportPrivateKey, generateSigningKey, importSigningKey, type SigningKey } from './signing-key.js';
export { SingleFlight } from './single-flight.js';
export { jwkThumbprint } from './thumbprint.js';
export { type PublicJwk, type VerificationKey, verificationKey } from './verification-key.js';
export { type VerifiedJwt, type VerifyOptions, verifyJwt } from './verify-jwt.js';
