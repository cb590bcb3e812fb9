import type { Database, Tx } from '#libs/database';
import { type Kek, KeyError } from '#libs/keys';
import { keyStore, type StoredKey } from './key.store.js';
import type { Keks } from './make-key.js';

/**
 * Puts every stored key under new key-encryption keys, in one transaction: all of them or none. For `lanyard keys rewrap`, with the token service
 * stopped: a running one can't open what it reads next and says so in its readiness. The holders of the sealing KEK get the new one before
 * they start again. A key that is under the new one already is left alone, so a second run does nothing. Answers how many were moved.
 * `record` audits it in the same transaction, if there was anything to do.
 */
export function rewrapKeys(
  db: Database,
  { from, to }: { from: Keks; to: Keks },
  record: (tx: Tx, moved: number) => Promise<void>,
): Promise<number> {
  return db.transaction(async (tx) => {
    for (const { line } of await keyStore.lines(tx)) await keyStore.lockLine(tx, line);
    let moved = 0;
    for (const key of await keyStore.live(tx)) {
      const envelope = await rewrapped(key, kekOf(key, from), kekOf(key, to));
      if (envelope === null) continue;
      await keyStore.rewrap(tx, key.kid, envelope);
      moved += 1;
    }
    if (moved > 0) await record(tx, moved);
    return moved;
  });
}

/** null: nothing to do. Throws a `KeyError` where neither opens it: nothing is moved then. */
async function rewrapped(key: StoredKey, from: Kek, to: Kek): Promise<string | null> {
  if (key.envelope === null || (await opens(to, key, key.envelope))) return null;
  return to.seal(await from.open(key.envelope, key), key);
}

async function opens(kek: Kek, key: StoredKey, envelope: string): Promise<boolean> {
  try {
    await kek.open(envelope, key);
    return true;
  } catch (error) {
    if (error instanceof KeyError) return false;
    throw error;
  }
}

function kekOf({ purpose }: StoredKey, { kek, sealingKek }: Keks): Kek {
  return purpose === 'sealing' ? sealingKek : kek;
}
