import type { RevocationEntry } from '#libs/contracts';
import type { RealViews } from './real-view.js';
import type { Invariant, Judge, Rules } from './rules.js';
import type { Scope } from './scope.js';
import type { State } from './state.js';

/** What the parts of the model ask of the whole. */
export interface Modelled {
  readonly scope: Scope;
  readonly rules: Rules;
  readonly views: RealViews;
  readonly horizonMs: number;
  readonly tickMs: number;
  checks(invariant: Invariant): boolean;
  brokenByActive(s: State): string | null;
  verdict(s: State, when: 'first' | 'again'): ReturnType<Judge>;
  applied(s: State, entry: RevocationEntry): State;
  mayLive(s: State): boolean;
}
