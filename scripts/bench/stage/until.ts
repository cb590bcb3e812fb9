import { setTimeout as delay } from 'node:timers/promises';

const EVERY_MS = 250;

/** Asked again until it is so; an error counts as not yet. */
export async function until(condition: () => Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`not so after ${withinMs} ms`);
    await delay(EVERY_MS);
  }
}
