import type { End, Mint } from './history.js';

/** By the strongest promise that held when the request was sent. */
export type LateTokens = Readonly<Record<EndKind, number>>;

/** The strongest first. Only the last allows a token, and that is refused after the bound like any other. */
export const END_KINDS = [
  'the confirmed end of one session',
  'the unconfirmed end of one session',
  'the confirmed end of all of a user',
  'the unconfirmed end of all of a user, the bound over',
  'the unconfirmed end of all of a user, within the bound',
] as const;
export type EndKind = (typeof END_KINDS)[number];
/** After these no request gets a token. */
export const TOKENLESS = END_KINDS.slice(0, -1);

/** Token requests that were sent after an acknowledgement had been read, and got a token: how many, by what had been acknowledged. */
export function lateTokensOf(mints: readonly Mint[], ends: readonly End[], boundMs: number): LateTokens {
  const counts = Object.fromEntries(END_KINDS.map((kind) => [kind, 0])) as Record<EndKind, number>;
  for (const { sid, outcome, invokedAt } of mints) {
    if (outcome !== 'ok') continue;
    const known = ends.filter((end) => isAcknowledged(end) && end.sids.includes(sid) && invokedAt > end.completedAt);
    const kinds = known.map((end) => kindOf(end, invokedAt - end.completedAt > boundMs));
    const strongest = END_KINDS.find((kind) => kinds.includes(kind));
    if (strongest) counts[strongest]++;
  }
  return counts;
}

function isAcknowledged({ outcome }: End): boolean {
  return outcome === 'ok' || outcome === 'already';
}

function kindOf({ by, confirmed }: End, boundIsOver: boolean): EndKind {
  if (by !== 'user') return confirmed ? 'the confirmed end of one session' : 'the unconfirmed end of one session';
  if (confirmed) return 'the confirmed end of all of a user';
  return boundIsOver ? 'the unconfirmed end of all of a user, the bound over' : 'the unconfirmed end of all of a user, within the bound';
}
