import type { SigningAlg, SigningKey } from '#libs/keys';
import type { RefreshPosition, SealingKey, SealingKeyring } from '#libs/sealing';

/**
 * apps/token/src/keys owns the rows of every key and who may use them. This class is the one door: issuing, grants and the
 * token endpoint ask it for keys; nothing else in the app reads the key tables. All answers come from memory.
 */
export abstract class KeyService {
  /** Creates what is missing, unwraps, starts the rotation tick. Throws one clear `KeyError` on a wrong or missing KEK. */
  abstract start(): Promise<void>;
  abstract stop(): Promise<void>;
  /** The active key of that algorithm. EdDSA and PS256 are created the first time somebody needs them. */
  abstract signingKeyFor(alg: SigningAlg): Promise<SigningKey>;
  /** For `sealAccessToken`. Throws `KeysUnavailable` when the keys in memory are older than anyone may trust. */
  abstract activeSealingKey(): SealingKey;
  /** For `openAccessToken` in this service: every sealing key that may have sealed a live token. */
  abstract readonly sealingKeyring: SealingKeyring;
  /** `lanyard_rt_…` under the current MAC key; the same position gives the same token as long as that key is current. */
  abstract encodeRefreshToken(position: RefreshPosition): string;
  /** null = not ours, or altered. A MAC key another instance has just made is read from the database first. */
  abstract decodeRefreshToken(token: string): Promise<RefreshPosition | null>;
  /** What /jwks and /internal/public-keys serve: pending, active and retiring signing keys. */
  abstract publicJwks(): { keys: Record<string, unknown>[] };
  /** Database time in milliseconds, carried on by the monotonic clock since the last read of the keys. */
  abstract databaseNow(): number;
}
