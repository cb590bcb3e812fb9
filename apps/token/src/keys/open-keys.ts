import { createSecretKey } from 'node:crypto';
import type { WrappedSealingKey } from '#libs/contracts';
import { importSigningKey, isSigningAlg, KeyError, KeySet, type PublicJwk, type SigningAlg, type SigningKey } from '#libs/keys';
import { type RefreshMacKey, SealingKeyring, unwrapSealingKeys } from '#libs/sealing';
import type { StoredKey } from './key.store.js';
import type { Keks } from './make-key.js';

/** Every key at one moment, opened and ready. Immutable. */
export interface OpenKeys {
  readonly signing: ReadonlyMap<SigningAlg, SigningKey>;
  readonly jwks: { keys: PublicJwk[] };
  readonly keySet: KeySet;
  readonly sealing: SealingKeyring;
  readonly wrappedSealing: readonly WrappedSealingKey[];
  readonly refreshMac: ReadonlyMap<string, RefreshMacKey>;
  readonly currentRefreshMac: RefreshMacKey | null;
}

export const NO_KEYS: OpenKeys = {
  signing: new Map(),
  jwks: { keys: [] },
  keySet: new KeySet({ keys: [] }),
  sealing: SealingKeyring.EMPTY,
  wrappedSealing: [],
  refreshMac: new Map(),
  currentRefreshMac: null,
};

/** Opens every envelope: some twenty, each in microseconds. Throws a `KeyError` that names the key-encryption key that doesn't fit. */
export async function openKeys(stored: readonly StoredKey[], keks: Keks): Promise<OpenKeys> {
  const signing = new Map<SigningAlg, SigningKey>();
  const refreshMac = new Map<string, RefreshMacKey>();
  let currentRefreshMac: RefreshMacKey | null = null;
  for (const key of stored) {
    if (key.purpose === 'signing' && key.envelope !== null) {
      const opened = await openSigningKey(key, key.envelope, keks);
      if (key.state === 'active') signing.set(opened.alg, opened);
    } else if (key.purpose === 'refresh_mac' && key.envelope !== null) {
      const opened = { kid: key.kid, key: createSecretKey(await keks.kek.open(key.envelope, key)) };
      refreshMac.set(key.kid, opened);
      if (key.state === 'active') currentRefreshMac = opened;
    }
  }
  const jwks = { keys: stored.flatMap((key) => key.publicJwk ?? []) };
  const wrappedSealing = stored.flatMap(wrapped);
  const sealing = await unwrapSealingKeys(wrappedSealing, keks.sealingKek);
  return { signing, jwks, keySet: new KeySet(jwks), sealing, wrappedSealing, refreshMac, currentRefreshMac };
}

async function openSigningKey(key: StoredKey, envelope: string, { kek }: Keks): Promise<SigningKey> {
  if (!isSigningAlg(key.alg)) throw new KeyError(`the stored key ${key.kid} is for ${key.alg}, which this version does not know`);
  const opened = importSigningKey(key.alg, await kek.open(envelope, key));
  // the kid is the key's own thumbprint: a swapped public key in the row can't be published as ours
  if (opened.kid !== key.kid) throw new KeyError(`the stored key ${key.kid} is another one: ${opened.kid}`);
  return opened;
}

function wrapped({ kid, purpose, envelope, state, activatesAt, removeAfter }: StoredKey): WrappedSealingKey[] {
  if (purpose !== 'sealing' || envelope === null || state === 'retired') return [];
  return [{ kid, wrapped: envelope, state, activates_at: activatesAt, removed_after: removeAfter }];
}
