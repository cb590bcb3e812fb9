/**
 * scripts/chaos owns the proof: a driver that uses a cluster while things break, the history of what it saw, and the judge of that history. Times
 * are milliseconds of the driver's monotonic clock: "sent after the acknowledgement was read" needs no clock but its own. No token's value is in it.
 */
export interface Timed {
  /** When the request was sent, and when its answer was read (or given up on; what was sent may still take effect then). */
  readonly invokedAt: number;
  readonly completedAt: number;
}

/** `unavailable`: a 503. `unknown`: no answer, or one of a proxy's; it may have happened. `undeclared`: what no endpoint may say. */
type NoVerdict = 'unavailable' | 'unknown' | 'undeclared';

export interface Start extends Timed {
  readonly kind: 'start';
  readonly sid: string;
  readonly user: string;
}

/** A token request. `refused`: invalid_grant. */
export interface Mint extends Timed {
  readonly kind: 'mint';
  readonly by: 'exchange' | 'refresh';
  readonly sid: string;
  readonly client: string;
  readonly grant: number;
  readonly outcome: 'ok' | 'refused' | NoVerdict;
  /** The access token's number. */
  readonly token: number | null;
  readonly status: number | null;
}

/** Whether an access token is good, asked of one process: an instance of introspect, or userinfo through the front. */
export interface Check extends Timed {
  readonly kind: 'check';
  readonly sid: string;
  readonly token: number;
  readonly at: string;
  readonly outcome: 'active' | 'inactive' | NoVerdict;
  readonly status: number | null;
}

/**
 * The end of sessions: one, or all that the driver knew a user to have. `already`: answered that it had ended before. `accepted`: 202, committed and
 * in effect within the bound.
 */
export interface End extends Timed {
  readonly kind: 'end';
  readonly by: 'operator' | 'user' | 'logout';
  readonly sids: readonly string[];
  readonly outcome: 'ok' | 'already' | 'accepted' | NoVerdict;
  readonly confirmed: boolean;
  readonly status: number | null;
}

/** A logout token that came in at a client, and what the client answered. */
export interface Notice {
  readonly kind: 'notice';
  readonly at: number;
  readonly sid: string;
  readonly client: string;
  readonly answered: number;
}

/** A logout token that the operator is shown as given up. */
export interface DeadLetter {
  readonly kind: 'dead';
  readonly sid: string;
  readonly client: string;
}

/** Something broken for a while. `blinds`: who can't know of an end meanwhile and must say 503 once the bound has passed. */
export interface Fault {
  readonly kind: 'fault';
  readonly name: string;
  readonly target: string;
  readonly from: number;
  readonly to: number;
  readonly blinds: readonly string[];
}

export type Step = Start | Mint | Check | End | Notice | DeadLetter | Fault;

export interface History {
  readonly boundMs: number;
  /** The processes that each token of an ended session must have been asked of. */
  readonly instances: readonly string[];
  /** From here on nothing was broken: what lives must be shown to live after it. */
  readonly healedAt: number;
  readonly steps: readonly Step[];
}
