/**
 * What was seen of many ends, and whether it keeps the promise. Pure: times are milliseconds of one monotonic clock, that of the process
 * that both ended the sessions and asked about their tokens. So "sent after the acknowledgement was read" needs no clock but its own.
 */
export interface Asked {
  readonly sentAt: number;
  readonly answeredAt: number;
  /** null: no verdict (a 503, a connection cut). */
  readonly active: boolean | null;
}

export interface End {
  readonly sid: string;
  readonly calledAt: number;
  /** When the acknowledgement was read. */
  readonly acknowledgedAt: number;
  readonly confirmed: boolean;
  readonly asked: readonly Asked[];
}

export interface Promised {
  /** Nothing is active later than this after any acknowledgement, confirmed or not. */
  readonly boundMs: number;
  readonly confirmedWithinMs: number;
}

export type Violation = { readonly sid: string; readonly afterMs: number } & (
  | { readonly kind: 'sent after a confirmed acknowledgement' }
  | { readonly kind: 'answered later than the bound' }
  /** A history in which nobody could have seen a violation proves nothing. */
  | { readonly kind: 'never active before' | 'not asked after' }
);

export interface Verdict {
  readonly ends: number;
  readonly asked: number;
  readonly askedAfter: number;
  readonly withoutVerdict: number;
  readonly confirmed: number;
  readonly inTime: number;
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  readonly violations: readonly Violation[];
}

export function judge(history: readonly End[], promised: Promised): Verdict {
  const took = history.map(({ calledAt, acknowledgedAt }) => acknowledgedAt - calledAt);
  const all = history.flatMap(({ asked }) => asked);
  return {
    ends: history.length,
    asked: all.length,
    askedAfter: history.flatMap(sentAfter).length,
    withoutVerdict: all.filter(({ active }) => active === null).length,
    confirmed: history.filter(({ confirmed }) => confirmed).length,
    inTime: history.filter((end) => end.confirmed && end.acknowledgedAt - end.calledAt <= promised.confirmedWithinMs).length,
    p50: percentile(took, 0.5),
    p99: percentile(took, 0.99),
    most: percentile(took, 1),
    violations: history.flatMap((end) => violationsOf(end, promised.boundMs)),
  };
}

function violationsOf(end: End, boundMs: number): Violation[] {
  const { sid, acknowledgedAt, confirmed, asked } = end;
  const found: Violation[] = [];
  if (!asked.some(({ answeredAt, active }) => active === true && answeredAt < acknowledgedAt)) {
    found.push({ sid, afterMs: 0, kind: 'never active before' });
  }
  if (!sentAfter(end).some(({ active }) => active !== null)) found.push({ sid, afterMs: 0, kind: 'not asked after' });
  for (const { sentAt, answeredAt, active } of asked) {
    if (active !== true) continue;
    if (confirmed && sentAt > acknowledgedAt) {
      found.push({ sid, afterMs: sentAt - acknowledgedAt, kind: 'sent after a confirmed acknowledgement' });
    }
    if (answeredAt > acknowledgedAt + boundMs) {
      found.push({ sid, afterMs: answeredAt - acknowledgedAt, kind: 'answered later than the bound' });
    }
  }
  return found;
}

function sentAfter({ asked, acknowledgedAt }: End): Asked[] {
  return asked.filter(({ sentAt }) => sentAt > acknowledgedAt);
}

/** Nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
