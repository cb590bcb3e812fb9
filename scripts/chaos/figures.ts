import type { History } from './history.js';
import { isAcknowledged, isBlind, judge, sortOut, type Violation } from './judge.js';
import { type LateTokens, lateTokensOf } from './late-tokens.js';

export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
}

export interface Figures {
  readonly sessions: number;
  readonly endsAcknowledged: number;
  readonly sessionsEnded: number;
  readonly endsConfirmed: number;
  /** 202: committed, in effect within the bound. */
  readonly endsAccepted: number;
  readonly endsWithoutAcknowledgement: number;
  readonly introspections: number;
  readonly introspectionsAfterAnEnd: number;
  readonly introspectionsWithoutVerdict: number;
  /** Asked while Postgres had been away for longer than the bound: each must be told 503. */
  readonly introspectionsWithoutProof: number;
  readonly tokenRequests: number;
  readonly tokenRequestsAfterAnEnd: number;
  readonly tokensForRequestsAfterAnEnd: LateTokens;
  readonly tokenRequestsUnavailable: number;
  readonly logoutTokensDelivered: number;
  readonly logoutTokensRefused: number;
  readonly logoutTokensDead: number;
  /** From an acknowledgement to the last active answer to a request sent after it; 0 where there was none. */
  readonly activeAfterMs: Percentiles;
  /** From an acknowledgement until every instance had refused a token of the session. */
  readonly cascadeMs: Percentiles;
  readonly acknowledgedAfterMs: Percentiles;
  readonly faults: Readonly<Record<string, number>>;
  readonly violations: readonly Violation[];
}

export function figuresOf(history: History): Figures {
  const { fates, mints, checks, ends, notices, dead, faults } = sortOut(history);
  const acknowledged = [...fates].filter(([, { acknowledgedAt }]) => acknowledgedAt < Infinity);
  const afterEnd = (sid: string, at: number) => at > (fates.get(sid)?.acknowledgedAt ?? Infinity);
  const noVerdict = ({ outcome }: { outcome: string }) => outcome === 'unavailable' || outcome === 'unknown';
  const bySession = grouped(checks, ({ sid }) => sid);
  const active: number[] = [];
  const cascade: number[] = [];
  for (const [sid, { acknowledgedAt }] of acknowledged) {
    const of = (bySession.get(sid) ?? []).filter(({ invokedAt }) => invokedAt > acknowledgedAt);
    active.push(Math.max(0, ...of.filter(({ outcome }) => outcome === 'active').map(({ invokedAt }) => invokedAt - acknowledgedAt)));
    const first = history.instances.map((at) =>
      Math.min(...of.filter((check) => check.at === at && check.outcome === 'inactive').map(({ completedAt }) => completedAt)),
    );
    if (of.length > 0 && first.every(Number.isFinite)) cascade.push(Math.max(...first) - acknowledgedAt);
  }
  const goodEnds = ends.filter(({ outcome }) => isAcknowledged(outcome));
  return {
    sessions: history.steps.filter(({ kind }) => kind === 'start').length,
    endsAcknowledged: goodEnds.length,
    sessionsEnded: acknowledged.length,
    endsConfirmed: goodEnds.filter(({ confirmed }) => confirmed).length,
    endsAccepted: ends.filter(({ outcome }) => outcome === 'accepted').length,
    endsWithoutAcknowledgement: ends.filter(noVerdict).length,
    introspections: checks.length,
    introspectionsAfterAnEnd: checks.filter(({ sid, invokedAt }) => afterEnd(sid, invokedAt)).length,
    introspectionsWithoutVerdict: checks.filter(noVerdict).length,
    introspectionsWithoutProof: checks.filter((check) => isBlind(check, faults, history.boundMs)).length,
    tokenRequests: mints.length,
    tokenRequestsAfterAnEnd: mints.filter(({ sid, invokedAt }) => afterEnd(sid, invokedAt)).length,
    tokensForRequestsAfterAnEnd: lateTokensOf(mints, ends, history.boundMs),
    tokenRequestsUnavailable: mints.filter(noVerdict).length,
    logoutTokensDelivered: notices.filter(({ answered }) => answered < 300).length,
    logoutTokensRefused: notices.filter(({ answered }) => answered >= 300).length,
    logoutTokensDead: dead.length,
    activeAfterMs: percentiles(active),
    cascadeMs: percentiles(cascade),
    acknowledgedAfterMs: percentiles(goodEnds.map(({ invokedAt, completedAt }) => completedAt - invokedAt)),
    faults: Object.fromEntries([...grouped(faults, ({ name }) => name)].map(([name, these]) => [name, these.length])),
    violations: judge(history),
  };
}

/** Nearest rank. */
function percentiles(values: readonly number[]): Percentiles {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(10 * (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0)) / 10;
  return { p50: at(0.5), p99: at(0.99), most: at(1) };
}

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
}
