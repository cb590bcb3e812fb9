import { ALIVE, type Asked, type Broken, type Fate, fatesOf, type Held, type History } from './answers-history.js';

/** What the library promises never to do, and (the last four) what a history must contain to prove anything. */
export type ViolationKind =
  | 'accepted after the bound'
  | 'accepted though it could not be checked'
  | 'refused though not ended'
  | 'neither accepted, nor 401, nor 503'
  | 'never accepted before its end'
  | 'not shown to be refused after the bound'
  | 'not shown to be accepted when all was whole again'
  | 'nobody asked while it could not be checked';

export interface Violation {
  readonly kind: ViolationKind;
  readonly at: string;
  readonly what: string;
}

type Fates = ReadonlyMap<string, Fate>;

/** Every single answer, by when the call was begun; then whether a broken promise would have been seen. */
export function judge(history: History): Violation[] {
  const fates = fatesOf(history.ends);
  const byToken = new Map<number, Asked[]>(history.held.map(({ token }) => [token, []]));
  for (const asked of history.asked) byToken.get(asked.token)?.push(asked);
  return [
    ...history.asked.flatMap((asked) => judgeAnswer(asked, fates, history)),
    ...history.held.flatMap((held) => judgeProof(held, byToken.get(held.token) ?? [], fates.get(held.sid), history)),
    ...judgeBlindness(history),
  ];
}

function judgeAnswer(asked: Asked, fates: Fates, history: History): Violation[] {
  const { at, token, sid, outcome, answeredAt } = asked;
  const fate = fates.get(sid) ?? ALIVE;
  const what = `token ${token}`;
  if (outcome === 'undeclared') return [{ kind: 'neither accepted, nor 401, nor 503', at, what }];
  if (outcome === 'refused') return answeredAt < fate.attemptedAt ? [{ kind: 'refused though not ended', at, what }] : [];
  return outcome === 'accepted' ? judgeAcceptance(asked, fate, history) : [];
}

function judgeAcceptance({ at, token, begunAt, answeredAt }: Asked, fate: Fate, { boundMs, broken }: History): Violation[] {
  const begun = (since: number, what: string) => `token ${token}, begun ${Math.round(begunAt - since)} ms after ${what}`;
  const found: Violation[] = [];
  if (begunAt > fate.acknowledgedAt + boundMs) {
    found.push({ kind: 'accepted after the bound', at, what: begun(fate.acknowledgedAt, 'the acknowledgement') });
  }
  const blinding = broken.find(({ blind, from, to }) => blind.includes(at) && begunAt > from + boundMs && answeredAt < to);
  if (blinding) found.push({ kind: 'accepted though it could not be checked', at, what: begun(blinding.from, blinding.what) });
  return found;
}

const NOT_ALIVE = 'not shown to be accepted when all was whole again';
const NEVER_ACCEPTED = 'never accepted before its end';
const NOT_REFUSED = 'not shown to be refused after the bound';

/** A history in which nobody could have seen a violation proves nothing. */
function judgeProof({ token, sid, at: apis }: Held, asked: readonly Asked[], fate: Fate | undefined, history: History): Violation[] {
  const of = (at: string) => asked.filter((one) => one.at === at);
  return apis.flatMap((at) => lackingOf(of(at), fate, history).map((kind) => ({ kind, at, what: `token ${token} of ${sid}` })));
}

function lackingOf(asked: readonly Asked[], fate: Fate | undefined, { boundMs, healedAt }: History): ViolationKind[] {
  const accepted = asked.filter(({ outcome }) => outcome === 'accepted');
  if (!fate) return accepted.some(({ begunAt }) => begunAt > healedAt) ? [] : [NOT_ALIVE];
  // It may have ended or not: either answer is right.
  if (fate.acknowledgedAt === Infinity) return [];
  const before = accepted.some(({ answeredAt }) => answeredAt < fate.attemptedAt);
  const after = asked.some(({ outcome, begunAt }) => outcome === 'refused' && begunAt > fate.acknowledgedAt + boundMs);
  return [...(before ? [] : ([NEVER_ACCEPTED] as const)), ...(after ? [] : ([NOT_REFUSED] as const))];
}

/** Who was said to be blind must have been asked, and have said so. */
function judgeBlindness({ asked, broken, boundMs }: History): Violation[] {
  const saidSo = (at: string, { from, to }: Broken) =>
    asked.some((one) => one.at === at && one.outcome === 'unavailable' && one.begunAt > from + boundMs && one.answeredAt < to);
  return broken.flatMap((each) =>
    each.blind
      .filter((at) => !saidSo(at, each))
      .map((at): Violation => ({ kind: 'nobody asked while it could not be checked', at, what: each.what })),
  );
}
