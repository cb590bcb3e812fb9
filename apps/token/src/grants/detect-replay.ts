/** Where a grant's rotation stands. `seq`: the number of the refresh token that is current. Times: ms, database clock. */
export interface Rotation {
  readonly seq: number;
  /** When `seq` became current; null: it is the first. */
  readonly rotatedAt: number | null;
  /** Uses of the number before `seq` that came after the burst. */
  readonly lateRepeats: number;
}

export interface GracePolicy {
  /** `refresh_grace`; 0 turns every second use into a replay. */
  readonly graceMs: number;
  /** Confidential or sender-constrained: whoever repeats the token has proven to be its owner, so no time limit is needed. */
  readonly proven: boolean;
}

export interface Moment {
  readonly now: number;
  /** When the request came in: a thousand at once must not turn into replays because we were slow to serve them. */
  readonly arrivedAt: number;
}

export type RefreshUse =
  | { readonly kind: 'current' }
  /** The client did not get the answer of the rotation; it gets the same successor. `late`: one of the few after the burst. */
  | { readonly kind: 'lost_response'; readonly late: boolean }
  /** A fail-over lost rotations that we had answered. */
  | { readonly kind: 'ahead' }
  | { readonly kind: 'replay'; readonly why: 'superseded' | 'no_grace' | 'after_grace' | 'too_often' };

export const BURST_MS = 2_000;
/** The fourth use after the burst is a replay. */
export const LATE_REPEATS = 3;

/**
 * The four classes of a refresh (DESIGN, "Refresh token"). The successor of the number one behind is unused by construction: had it
 * been used, the row would stand one further. Decides only; session truth was asked before (race 7).
 */
export function classifyRefresh(presented: number, rotation: Rotation, policy: GracePolicy, { now, arrivedAt }: Moment): RefreshUse {
  if (presented === rotation.seq) return { kind: 'current' };
  if (presented > rotation.seq) return { kind: 'ahead' };
  if (presented < rotation.seq - 1 || rotation.rotatedAt === null) return { kind: 'replay', why: 'superseded' };
  if (policy.graceMs === 0) return { kind: 'replay', why: 'no_grace' };
  if (policy.proven) return { kind: 'lost_response', late: false };
  if (now - rotation.rotatedAt > policy.graceMs) return { kind: 'replay', why: 'after_grace' };
  if (arrivedAt - rotation.rotatedAt <= BURST_MS) return { kind: 'lost_response', late: false };
  if (rotation.lateRepeats >= LATE_REPEATS) return { kind: 'replay', why: 'too_often' };
  return { kind: 'lost_response', late: true };
}
