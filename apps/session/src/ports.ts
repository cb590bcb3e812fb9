import type { RevocationEntry } from '#libs/contracts';

/** Nest tokens for what has no class of its own here. */
export const CHECKPOINTS = Symbol('Checkpoints');
export const CONFIRMER = Symbol('Confirmer');

/** Tells every registered view at once; true iff each of them has the entries. */
export interface Confirmer {
  confirm(entries: RevocationEntry[]): Promise<boolean>;
}
