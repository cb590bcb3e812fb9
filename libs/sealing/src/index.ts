/**
 * libs/sealing owns the form of the tokens only we can read: opaque access tokens (JWE), refresh tokens (MACed positions), and
 * the rings of keys they are opened with. It judges no liveness, no expiry and no audience, stores nothing, and reaches the
 * token service through a fetcher port only. Used by token (makes and opens), introspect and auth (open).
 */
export type { OpenedAccessToken } from './access-token-claims.js';
export { isAccessTokenClaims } from './access-token-claims.js';
export { AccessTokenReader, type AccessTokenReaderOptions, type AccessTokenReading } from './access-token-reader.js';
export { HolderKeyring, type HolderKeyringOptions } from './holder-keyring.js';
export { OPAQUE_PREFIX, openAccessToken } from './open-access-token.js';
export { OpenedTokens } from './opened-tokens.js';
export { REFRESH_PREFIX, type RefreshMacKey, type RefreshPosition, refreshTokens } from './refresh-token.js';
export { sealAccessToken } from './seal-access-token.js';
export {
  newSealingKeyBytes,
  SEALING_ALG,
  type SealingKey,
  type SealingKeyState,
  sealingKey,
  wrapSealingKey,
} from './sealing-key.js';
export { SealingKeyring } from './sealing-keyring.js';
export { unwrapSealingKeys } from './unwrap-sealing-keys.js';
