import type { ClientRecord } from '#libs/contracts';
import type { Pepper } from '#libs/database';

/** Below this a secret could be guessed, so its failures are looked at before the comparison (docs/decisions/0007). */
export const WEAK_BELOW = 32;

export function hashClientSecret(pepper: Pepper, secret: string): ClientRecord['secrets'][number] {
  return { hash: pepper.mac('client_secret', secret), weak: secret.length < WEAK_BELOW };
}
