import { fingerprint } from '#libs/revocation';

/** What a token says of itself. Absent handles can't be hit. */
export interface Handles {
  readonly sid?: string | undefined;
  readonly gid?: string | undefined;
  readonly jti?: string | undefined;
  readonly kid?: string | undefined;
}

/** By what a token can be ended, and what it says of that. */
const KINDS = [
  ['session', 'sid'],
  ['grant', 'gid'],
  ['token', 'jti'],
  ['key', 'kid'],
] as const satisfies readonly (readonly [kind: string, handle: keyof Handles])[];

/** In the order of a token's fingerprints. */
export const ENDED: readonly string[] = KINDS.map(([kind]) => kind);

/**
 * A token's handles as fingerprints, the two halves of each, by the kinds of `ENDED`; two zeros are none. Made once, when a token is read, and asked for on
 * every request: one list of small integers is two lines of a processor's cache, where four objects are five.
 */
export type Prints = readonly number[];

export function printsOf(handles: Handles): Prints {
  return KINDS.flatMap(([, handle]) => {
    const id = handles[handle];
    if (id === undefined) return [0, 0];
    const { high, low } = fingerprint(id, { high: 0, low: 0 });
    return [high, low];
  });
}
