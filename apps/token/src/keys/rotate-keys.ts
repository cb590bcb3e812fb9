import type { Checkpoints } from '#libs/checkpoints';
import type { Database, Tx } from '#libs/database';
import { decideRotation, type RotationStep } from './decide-rotation.js';
import { keyStore, type StoredKey } from './key.store.js';
import type { KeyLine } from './key-line.js';
import { type Keks, makeKey } from './make-key.js';
import type { RotationPolicies } from './rotation-policy.js';

/** What a new key is put under, and where a test may cut its making. */
export interface KeyMaking extends Keks {
  readonly checkpoints?: Checkpoints;
}

/**
 * Moves every line of keys on as far as database time allows. Any number of instances may call it at once. Returns how many
 * steps were taken here. Nothing is locked unless something is due.
 */
export async function rotateKeys(db: Database, policies: RotationPolicies, making: KeyMaking): Promise<number> {
  const [lines, keys, now] = [await keyStore.lines(db), await keyStore.live(db), await keyStore.now(db)];
  let taken = 0;
  for (const line of lines) {
    const own = keys.filter((key) => key.line === line.line);
    if (decideRotation(own, now, policies[line.purpose]).length > 0) taken += await rotateLine(db, line, policies, making);
  }
  return taken;
}

/** Decides again under the lock: what was due a moment ago may have been done by another instance. */
export async function rotateLine(db: Database, line: KeyLine, policies: RotationPolicies, making: KeyMaking): Promise<number> {
  const taken = await db.transaction(async (tx) => {
    await keyStore.lockLine(tx, line.line);
    const steps = await advanceLine(tx, line, policies, making);
    await making.checkpoints?.reach('token.keys.before-commit');
    return steps;
  });
  await making.checkpoints?.reach('token.keys.after-commit');
  return taken;
}

/** Whatever is due of a line whose lock the caller holds. */
export async function advanceLine(tx: Tx, line: KeyLine, policies: RotationPolicies, making: KeyMaking): Promise<number> {
  const keys = await liveOf(tx, line);
  const now = await keyStore.now(tx);
  const steps = decideRotation(keys, now, policies[line.purpose]);
  for (const step of steps) await take(tx, line, step, now, making);
  return steps.length;
}

export async function liveOf(tx: Tx, { line }: KeyLine): Promise<StoredKey[]> {
  return (await keyStore.live(tx)).filter((key) => key.line === line);
}

export async function take(tx: Tx, line: KeyLine, step: RotationStep, now: number, making: KeyMaking): Promise<void> {
  if (step.do === 'create') await create(tx, line, step, making);
  else if (step.do === 'activate') await keyStore.activate(tx, step.kid, now);
  else if (step.do === 'replace') {
    await keyStore.replace(tx, step.kid, now, step.removeAfter);
    await making.checkpoints?.reach('token.keys.after-replace');
  } else await keyStore.retire(tx, step.kid, now);
}

async function create(tx: Tx, line: KeyLine, step: RotationStep & { do: 'create' }, making: KeyMaking): Promise<void> {
  const key = await makeKey(line, making);
  await making.checkpoints?.reach('token.keys.before-insert');
  await keyStore.create(tx, line.line, key, step);
  await making.checkpoints?.reach('token.keys.after-insert');
}
