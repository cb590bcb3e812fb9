/**
 * test/resource-server/faults owns the proof that an API with the library keeps the promise while what it depends on is away: callers that never stop, things
 * that are broken and healed meanwhile, the history of every single answer, and its judge. Times are milliseconds of one monotonic clock, that of the process
 * that both ended the sessions and called the APIs: "begun after the acknowledgement was read" needs no clock but its own. No token's value is in it.
 */

/** A token in somebody's hands, by number. */
export interface Held {
  readonly token: number;
  readonly sid: string;
  /** The APIs that it is shown to. */
  readonly at: readonly string[];
}

/** One call of an API. `unavailable`: 503. `undeclared`: an answer that a good token may not get at all. */
export interface Asked {
  readonly at: string;
  readonly token: number;
  readonly sid: string;
  readonly begunAt: number;
  readonly answeredAt: number;
  readonly outcome: 'accepted' | 'refused' | 'unavailable' | 'undeclared';
}

/** One attempt to end a session. */
export interface End {
  readonly sid: string;
  readonly calledAt: number;
  /** When "it has ended" was read. Null: it never was, so it may have ended or not. */
  readonly acknowledgedAt: number | null;
}

/** What was away for a while, surely from `from` until `to`. `blind`: the APIs that nobody can tell of an end meanwhile. */
export interface Broken {
  readonly what: string;
  readonly from: number;
  readonly to: number;
  readonly blind: readonly string[];
}

export interface History {
  /** X: no call that is begun later than this after an acknowledgement is accepted. */
  readonly boundMs: number;
  /** From here on nothing was broken. */
  readonly healedAt: number;
  readonly held: readonly Held[];
  readonly asked: readonly Asked[];
  readonly ends: readonly End[];
  readonly broken: readonly Broken[];
}

/** What is known of the end of one session. */
export interface Fate {
  /** The first attempt was sent: before it, nobody had a reason to refuse. */
  readonly attemptedAt: number;
  readonly acknowledgedAt: number;
}

export const ALIVE: Fate = { attemptedAt: Infinity, acknowledgedAt: Infinity };

export function fatesOf(ends: readonly End[]): ReadonlyMap<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const { sid, calledAt, acknowledgedAt } of ends) {
    const before = fates.get(sid) ?? ALIVE;
    fates.set(sid, {
      attemptedAt: Math.min(before.attemptedAt, calledAt),
      acknowledgedAt: Math.min(before.acknowledgedAt, acknowledgedAt ?? Infinity),
    });
  }
  return fates;
}

/** As if the other APIs had not been there. */
export function only(history: History, isMeant: (at: string) => boolean): History {
  return {
    ...history,
    held: history.held.map((each) => ({ ...each, at: each.at.filter(isMeant) })),
    asked: history.asked.filter(({ at }) => isMeant(at)),
    broken: history.broken.map((each) => ({ ...each, blind: each.blind.filter(isMeant) })),
  };
}
