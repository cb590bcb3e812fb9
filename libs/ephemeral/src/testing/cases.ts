import { COUNTER_CASES } from './counter-cases.js';
import type { EphemeralCase } from './harness.js';
import { OBJECT_CASES } from './object-cases.js';
import { ONCE_CASES } from './once-cases.js';

export type { EphemeralCase, EphemeralHarness } from './harness.js';

/** Every driver passes all of them; a driver broken on purpose fails the one that names its fault. */
export const EPHEMERAL_CASES: readonly EphemeralCase[] = [...COUNTER_CASES, ...ONCE_CASES, ...OBJECT_CASES];
