import type { End, Mint } from './history.js';
import { isAcknowledged } from './judge.js';

/** By the strongest promise that held when the request was sent. */
export type LateTokens = Readonly<Record<EndKind, number>>;

/** The strongest first. Only the last allows a token, and that is refused after the bound like any other. */
export const END_KINDS = [
  'the confirmed end of one session',
  'the unconfirmed end of one session',
  'the confirmed end of all of a user',
  'the unconfirmed end of all of a user',
  'an end that was only accepted, the bound over',
  'an end that was only accepted, within the bound',
] as const;
export type EndKind = (typeof END_KINDS)[number];
/** After these no request gets a token. */
export const TOKENLESS = END_KINDS.slice(0, -1);

/** Token requests that were sent after an acknowledgement had been read, and got a token: how many, by what had been acknowledged. */
export function lateTokensOf(mints: readonly Mint[], ends: readonly End[], boundMs: number): LateTokens {
  const counts = Object.fromEntries(END_KINDS.map((kind) => [kind, 0])) as Record<EndKind, number>;
  for (const { sid, outcome, invokedAt } of mints) {
    if (outcome !== 'ok') continue;
    const known = ends.filter((end) => isAcknowledged(end.outcome) && end.sids.includes(sid) && invokedAt > end.completedAt);
    const kinds = known.map((end) => kindOf(end, invokedAt - end.completedAt > boundMs));
    const strongest = END_KINDS.find((kind) => kinds.includes(kind));
    if (strongest) counts[strongest]++;
  }
  return counts;
}

function kindOf({ by, confirmed, outcome }: End, boundIsOver: boolean): EndKind {
  if (outcome === 'accepted')
    return boundIsOver ? 'an end that was only accepted, the bound over' : 'an end that was only accepted, within the bound';
  if (by !== 'user') return confirmed ? 'the confirmed end of one session' : 'the unconfirmed end of one session';
  return confirmed ? 'the confirmed end of all of a user' : 'the unconfirmed end of all of a user';
}
