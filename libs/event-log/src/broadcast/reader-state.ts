import type { RevocationEntry } from '#libs/contracts';
import type { BroadcastProof, LogPlace } from './broadcast-reader.js';

/**
 * Pure: what a broadcast reader knows of one source, and its decisions: what to read after a ticket, what the answer proves, what is told.
 * The driver only carries out. Model tests run these very functions.
 */
export interface ReaderState {
  readonly epoch: string | null;
  /** The highest ticket seen. */
  readonly ticket: number;
  /** Per partition the number up to which everything has been handed in. */
  readonly positions: ReadonlyMap<number, number>;
  /** `sent`: of the ticket that proved it. */
  readonly complete: { dbTime: number; sent: LocalTime } | null;
  /** Local monotonic time since when a number is missing. */
  readonly missingSince: number | null;
}

/** By both clocks of this machine: the monotonic one may stand still while it sleeps, the wall clock may be set. */
export interface LocalTime {
  monotonic: number;
  wall: number;
}

export interface Ticket {
  ticket: number;
  epoch: string;
  dbTime: number;
  unpassedSince: number;
}

export type ReadPlan =
  | { read: 'after'; positions: ReadonlyMap<number, number> }
  /** Everything of the database's time `since` and later, and whatever has no number. `why`: null at the start, else a gap to report. */
  | { read: 'since'; since: number; why: string | null };

/** `entry` null: the record could not be read. */
export interface LogRecord {
  partition: number;
  pseq: number | null;
  at: number;
  entry: RevocationEntry | null;
}

export interface ReadResult {
  /** Not those that were handed in on the way. */
  records: readonly LogRecord[];
  /** From the same snapshot as the records, or an earlier one. */
  lastNumbers: ReadonlyMap<number, number>;
}

export interface Absorbed {
  state: ReaderState;
  entries: RevocationEntry[];
  /** Of each entry; null: it has no number yet. */
  places: (LogPlace | null)[];
  /** Null: complete as of the ticket's send. */
  gap: string | null;
}

/** Rows carry the time of their INSERT; the commit may be this much later, and a new primary's clock this much behind. */
export const OVERLAP_MS = 60_000;
/** Longer than any relay step can live (its lock waits 1 s, its transaction idles 2 s): a number still missing then will not come. */
export const PATIENCE_MS = 4_000;
/** What was missed since may be more than memory holds at once: it is read like a horizon, page by page. */
export const AWAY_MS = 600_000;

export const NEW_READER: ReaderState = { epoch: null, ticket: 0, positions: new Map(), complete: null, missingSince: null };

/** `answered`: when the ticket came; not when it was sent for, or a process that slept in between takes a new primary's clock to be ahead. */
export function planRead(state: ReaderState, ticket: Ticket, answered: LocalTime, horizonMs: number): ReadPlan {
  if (state.epoch === null || state.complete === null) {
    return { read: 'since', since: Math.min(ticket.dbTime - horizonMs, ticket.unpassedSince), why: null };
  }
  // Where the clock of a new primary lags behind the old one's, what this process measured since is the better witness.
  const { dbTime, sent } = state.complete;
  const elapsed = Math.max(answered.monotonic - sent.monotonic, answered.wall - sent.wall);
  const sinceComplete = Math.min(dbTime, ticket.dbTime - elapsed) - OVERLAP_MS;
  if (elapsed > AWAY_MS) return { read: 'since', since: sinceComplete, why: 'it was away for long' };
  if (ticket.epoch !== state.epoch) return { read: 'since', since: sinceComplete, why: 'the epoch changed' };
  if (ticket.ticket <= state.ticket) return { read: 'since', since: sinceComplete, why: 'tickets went back' };
  if (state.missingSince !== null && answered.monotonic - state.missingSince > PATIENCE_MS) {
    return { read: 'since', since: sinceComplete, why: 'a missing number did not come' };
  }
  return { read: 'after', positions: state.positions };
}

/** `sent`: when the ticket was sent for; what was committed before it is what the answer proves. */
export function absorb(
  state: ReaderState,
  plan: ReadPlan,
  ticket: Ticket,
  result: ReadResult,
  sent: LocalTime,
  horizonMs: number,
): Absorbed {
  const { entries, places } = handed(result.records, ticket.epoch);
  const unreadable = result.records.find((record) => record.entry === null && record.at >= ticket.dbTime - horizonMs);
  const missing = plan.read === 'after' ? missingNumber(plan.positions, result) : null;
  const wentBack =
    plan.read === 'after' && [...plan.positions].some(([partition, position]) => (result.lastNumbers.get(partition) ?? 0) < position);
  const gap = wentBack
    ? 'numbers went back'
    : (missing ?? (unreadable ? `record ${unreadable.pseq ?? 'without number'} can't be read` : null));
  const seen = { epoch: ticket.epoch, ticket: ticket.ticket };
  if (gap !== null) {
    // Keeping the positions makes the next plan ask for what is missing; a re-read that failed is planned again, since the lineage stays;
    // a ticket no later one exceeds forces a re-read.
    const lineage = plan.read === 'since' ? {} : { ...seen, ...(wentBack ? { ticket: Number.POSITIVE_INFINITY } : {}) };
    return { state: { ...state, ...lineage, missingSince: state.missingSince ?? sent.monotonic }, entries, places, gap };
  }
  const complete = { dbTime: ticket.dbTime, sent };
  return { state: { ...seen, positions: result.lastNumbers, complete, missingSince: null }, entries, places, gap: null };
}

/** Of the records that could be read: what they say, and where they stand. */
export function handed(records: readonly LogRecord[], epoch: string): Pick<Absorbed, 'entries' | 'places'> {
  const readable = records.filter((record) => record.entry !== null);
  return {
    entries: readable.flatMap((record) => record.entry ?? []),
    places: readable.map(({ partition, pseq }) => (pseq === null ? null : { epoch, partition, pseq })),
  };
}

/** Numbers are contiguous per partition, up to the partition's own last one; anything else is a hole. */
function missingNumber(positions: ReadonlyMap<number, number>, result: ReadResult): string | null {
  for (const [partition, last] of result.lastNumbers) {
    const position = positions.get(partition);
    if (position === undefined) return `partition ${partition} is new`;
    const numbers = result.records.flatMap((record) => (record.partition === partition && record.pseq !== null ? record.pseq : []));
    const present = new Set(numbers);
    for (let number = position + 1; number <= last; number++) {
      if (!present.has(number)) return `number ${number} of partition ${partition} is missing`;
    }
  }
  return null;
}

export type Telling =
  | { tell: 'entries'; entries: RevocationEntry[]; places: (LogPlace | null)[] }
  | { tell: 'gap'; reason: string }
  | { tell: 'proof'; proof: BroadcastProof };

/** In this order: a proof told before its entries would vouch for a set that lacks them. Its age counts from the send, never from the answer. */
export function tellings({ state, entries, places, gap }: Absorbed, ticket: Ticket, sent: LocalTime): Telling[] {
  const proof = proofOf(ticket, sent, state.positions);
  return [
    ...(entries.length > 0 ? [{ tell: 'entries', entries, places } as const] : []),
    gap === null ? { tell: 'proof', proof } : { tell: 'gap', reason: gap },
  ];
}

/** `numbers`: what is handed in by the time the proof is told. */
export function proofOf(ticket: Ticket, sent: LocalTime, numbers: ReadonlyMap<number, number>): BroadcastProof {
  const { dbTime, unpassedSince } = ticket;
  const position = { epoch: ticket.epoch, ticket: ticket.ticket, numbers };
  return { sentMonotonic: sent.monotonic, sentWall: sent.wall, dbTime, unpassedSince, position };
}

/** The rules as one value, so that a test can break one of them and show that a named case fails. */
export const READER_RULES = { planRead, absorb, tellings };
export type ReaderRules = typeof READER_RULES;
