import type { WrappedSealingKey } from '#libs/contracts';
import type { Kek } from '#libs/keys';
import { sealingKey, sealingKeyBinding } from './sealing-key.js';
import { SealingKeyring } from './sealing-keyring.js';

/** What the token service hands out, ready to use. Throws `KeyError` when the holder's KEK is not the token service's. */
export async function unwrapSealingKeys(wrapped: readonly WrappedSealingKey[], kek: Kek): Promise<SealingKeyring> {
  const keys = wrapped.map(async ({ kid, wrapped: envelope, state }) =>
    sealingKey(kid, await kek.open(envelope, sealingKeyBinding(kid)), state),
  );
  return new SealingKeyring(await Promise.all(keys));
}
