import type { Check, DeadLetter, End, Fault, History, Mint, Notice } from './history.js';

/** What the product promises never to do, and (the last three) what a history must contain to prove anything. */
export type ViolationKind =
  | 'active after the bound'
  | 'active after a confirmed end'
  | 'a token for a request sent after the end'
  | 'active though it could not be checked'
  | 'refused though not ended'
  | 'a logout token for a session that nobody ended'
  | 'a logout token lost'
  | 'an answer that no endpoint may give'
  | 'an end that was never acknowledged'
  | 'not shown to be refused after the bound'
  | 'not shown to live after healing';

export interface Violation {
  readonly kind: ViolationKind;
  readonly sid: string;
  readonly what: string;
}

/** What is known of the end of one session. A lost acknowledgement counts neither as ended nor as alive: `attemptedAt` alone. */
interface Fate {
  /** The first request that might have ended it was sent. */
  readonly attemptedAt: number;
  /** The first acknowledgement was read: from here on it has ended, whoever ended it. */
  readonly acknowledgedAt: number;
  readonly confirmedAt: number;
  /**
   * No request sent after this gets a token: the acknowledgement. All of a user is ended by a generation in auth's database; where the session
   * service could not be told of it in time, the answer is 202 and not 200, and the log has the bound to do so.
   */
  readonly mintlessAt: number;
}

const ALIVE: Fate = { attemptedAt: Infinity, acknowledgedAt: Infinity, confirmedAt: Infinity, mintlessAt: Infinity };

export interface Seen {
  readonly fates: ReadonlyMap<string, Fate>;
  /** Sessions that the driver started and was told of; a user may have others, whose start was answered to nobody. */
  readonly known: ReadonlySet<string>;
  readonly mints: readonly Mint[];
  readonly checks: readonly Check[];
  readonly ends: readonly End[];
  readonly notices: readonly Notice[];
  readonly dead: readonly DeadLetter[];
  readonly faults: readonly Fault[];
}

export function judge(history: History): Violation[] {
  const seen = sortOut(history);
  return [
    ...seen.checks.flatMap((check) => judgeCheck(check, seen, history.boundMs)),
    ...seen.mints.flatMap((mint) => judgeMint(mint, seen)),
    ...seen.ends.flatMap((end) => judgeEnd(end, seen)),
    ...judgeAttempts(seen, history.healedAt),
    ...judgeNotices(seen),
    ...judgeProof(seen, history),
  ];
}

export function sortOut({ steps, boundMs }: History): Seen {
  const of = <K extends (typeof steps)[number]['kind']>(kind: K) =>
    steps.filter((step): step is Extract<(typeof steps)[number], { kind: K }> => step.kind === kind);
  const ends = of('end');
  const known = new Set(of('start').map(({ sid }) => sid));
  return {
    fates: fatesOf(ends, boundMs),
    known,
    mints: of('mint'),
    checks: of('check'),
    ends,
    notices: of('notice'),
    dead: of('dead'),
    faults: of('fault'),
  };
}

/** Read as: these sessions are over. */
export function isAcknowledged(outcome: End['outcome']): boolean {
  return outcome === 'ok' || outcome === 'already' || outcome === 'accepted';
}

function fatesOf(ends: readonly End[], boundMs: number): Map<string, Fate> {
  const fates = new Map<string, Fate>();
  for (const { sids, invokedAt, completedAt, outcome, confirmed } of ends) {
    const acknowledged = isAcknowledged(outcome);
    const mintlessAt = acknowledged ? completedAt + (outcome === 'accepted' ? boundMs : 0) : Infinity;
    for (const sid of sids) {
      const before = fates.get(sid) ?? ALIVE;
      fates.set(sid, {
        attemptedAt: Math.min(before.attemptedAt, invokedAt),
        acknowledgedAt: Math.min(before.acknowledgedAt, acknowledged ? completedAt : Infinity),
        confirmedAt: Math.min(before.confirmedAt, outcome === 'ok' && confirmed ? completedAt : Infinity),
        mintlessAt: Math.min(before.mintlessAt, mintlessAt),
      });
    }
  }
  return fates;
}

/**
 * Judged by when a request was sent: an answer may lie in a broken network for as long as it likes, and its reader can't tell. A token of a request
 * that overlapped the end is a token like any other here.
 */
function judgeCheck(check: Check, { fates, faults }: Seen, boundMs: number): Violation[] {
  const { sid, at, outcome, invokedAt, completedAt, token, status } = check;
  const fate = fates.get(sid) ?? ALIVE;
  const what = `token ${token} at ${at}`;
  if (outcome === 'undeclared') return [{ kind: 'an answer that no endpoint may give', sid, what: `${what}: ${status}` }];
  if (outcome === 'inactive') return completedAt < fate.attemptedAt ? [{ kind: 'refused though not ended', sid, what }] : [];
  if (outcome !== 'active') return [];
  const found: Violation[] = [];
  const after = (since: number) => `${what}, asked ${Math.round(invokedAt - since)} ms after`;
  if (invokedAt > fate.acknowledgedAt + boundMs) found.push({ kind: 'active after the bound', sid, what: after(fate.acknowledgedAt) });
  if (invokedAt > fate.confirmedAt) found.push({ kind: 'active after a confirmed end', sid, what: after(fate.confirmedAt) });
  const blind = isBlind(check, faults, boundMs);
  if (blind)
    found.push({ kind: 'active though it could not be checked', sid, what: `${after(blind.from)} ${blind.name} of ${blind.target}` });
  return found;
}

function judgeMint({ sid, outcome, invokedAt, completedAt, by, client, status }: Mint, { fates }: Seen): Violation[] {
  const fate = fates.get(sid) ?? ALIVE;
  const what = `${by} of ${client}`;
  if (outcome === 'undeclared') return [{ kind: 'an answer that no endpoint may give', sid, what: `${what}: ${status}` }];
  if (outcome === 'ok' && invokedAt > fate.mintlessAt) {
    const late = `${what}, sent ${Math.round(invokedAt - fate.acknowledgedAt)} ms after`;
    return [{ kind: 'a token for a request sent after the end', sid, what: late }];
  }
  // An application that is told invalid_grant throws its tokens away: there is no "for a while" in it.
  if (outcome === 'refused' && completedAt < fate.attemptedAt) return [{ kind: 'refused though not ended', sid, what }];
  return [];
}

function judgeEnd(end: End, { fates, ends }: Seen): Violation[] {
  const [sid = ''] = end.sids;
  if (end.outcome === 'undeclared') return [{ kind: 'an answer that no endpoint may give', sid, what: `end by ${end.by}: ${end.status}` }];
  if (end.outcome !== 'already') return [];
  const others = ends.some((other) => other !== end && other.sids.includes(sid) && other.invokedAt < end.completedAt);
  if (others || !fates.has(sid)) return [];
  return [{ kind: 'refused though not ended', sid, what: `end by ${end.by}: it had ended already` }];
}

/** Whoever was not told asks again until he is, and everything heals: an end that nobody can have is as bad as one that is lost. */
function judgeAttempts({ fates, ends }: Seen, healedAt: number): Violation[] {
  return ends.flatMap(({ sids, invokedAt, by }) => {
    const unanswered = invokedAt > healedAt ? sids.filter((sid) => (fates.get(sid) ?? ALIVE).acknowledgedAt === Infinity) : [];
    return unanswered.map(
      (sid): Violation => ({ kind: 'an end that was never acknowledged', sid, what: `by ${by}, asked for after healing` }),
    );
  });
}

/** Tokens were asked about while nothing could prove that their sessions go on; every answer to these must be a 503. */
export function isBlind({ at, invokedAt, completedAt }: Check, faults: readonly Fault[], boundMs: number): Fault | undefined {
  return faults.find(({ blinds, from, to }) => blinds.includes(at) && invokedAt > from + boundMs && completedAt < to);
}

/** Owed to every client that had tokens before anybody tried to end the session; one that came while it ended may have been too late. */
function judgeNotices({ fates, known, mints, notices, dead }: Seen): Violation[] {
  const key = (sid: string, client: string) => `${sid} ${client}`;
  const settled = new Set([...notices.filter(({ answered }) => answered < 300), ...dead].map(({ sid, client }) => key(sid, client)));
  const owed = new Map(
    mints
      .filter(({ by, outcome, sid, completedAt }) => by === 'exchange' && outcome === 'ok' && completedAt < attemptOn(fates, sid))
      .filter(({ sid }) => (fates.get(sid) ?? ALIVE).acknowledgedAt < Infinity)
      .map(({ sid, client }) => [key(sid, client), { sid, client }]),
  );
  const lost = [...owed].filter(([which]) => !settled.has(which));
  const early = notices.filter(({ sid, at }) => known.has(sid) && at < attemptOn(fates, sid));
  return [
    ...lost.map(([, { sid, client }]): Violation => ({ kind: 'a logout token lost', sid, what: `to ${client}` })),
    ...early.map(({ sid, client }): Violation => ({ kind: 'a logout token for a session that nobody ended', sid, what: `to ${client}` })),
  ];
}

function attemptOn(fates: ReadonlyMap<string, Fate>, sid: string): number {
  return (fates.get(sid) ?? ALIVE).attemptedAt;
}

/** A history in which nobody could have seen a violation proves nothing. */
function judgeProof({ fates, mints, checks }: Seen, { instances, boundMs, healedAt }: History): Violation[] {
  const asked = new Set<string>();
  for (const { sid, token, at, outcome, invokedAt } of checks) {
    const fate = fates.get(sid) ?? ALIVE;
    if (outcome === 'inactive' && invokedAt > fate.acknowledgedAt + boundMs) asked.add(`${token} ${at}`);
  }
  const found: Violation[] = [];
  for (const { sid, token, outcome } of mints) {
    if (outcome !== 'ok' || (fates.get(sid) ?? ALIVE).acknowledgedAt === Infinity) continue;
    const missing = instances.filter((at) => !asked.has(`${token} ${at}`));
    if (missing.length > 0)
      found.push({ kind: 'not shown to be refused after the bound', sid, what: `token ${token} at ${missing.join(', ')}` });
  }
  const lives = new Set(
    mints.filter(({ by, outcome, invokedAt }) => by === 'refresh' && outcome === 'ok' && invokedAt > healedAt).map(({ grant }) => grant),
  );
  const activeAgain = new Set(
    checks.filter(({ outcome, invokedAt }) => outcome === 'active' && invokedAt > healedAt).map(({ token }) => token),
  );
  const shown = new Set(
    mints.filter(({ grant, token }) => lives.has(grant) && token !== null && activeAgain.has(token)).map(({ grant }) => grant),
  );
  const grants = new Map(mints.filter(({ outcome, sid }) => outcome === 'ok' && !fates.has(sid)).map((mint) => [mint.grant, mint]));
  for (const [grant, { sid, client }] of grants) {
    if (!shown.has(grant)) found.push({ kind: 'not shown to live after healing', sid, what: `grant ${grant} of ${client}` });
  }
  return found;
}
