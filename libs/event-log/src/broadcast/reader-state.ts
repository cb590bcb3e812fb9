import type { RevocationEntry } from '#libs/contracts';

/**
 * Pure: what a broadcast reader knows of one source, and its two decisions: what to read after a ticket, and what the answer proves.
 * The driver only carries out. Model tests run these very functions.
 */
export interface ReaderState {
  readonly epoch: string | null;
  /** The highest ticket seen. */
  readonly ticket: number;
  /** Per partition the number up to which everything has been handed in. */
  readonly positions: ReadonlyMap<number, number>;
  readonly complete: { dbTime: number; monotonic: number } | null;
  /** Local monotonic time since when a number is missing. */
  readonly missingSince: number | null;
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
  records: readonly LogRecord[];
  /** From the same snapshot as the records. */
  lastNumbers: ReadonlyMap<number, number>;
}

export interface Absorbed {
  state: ReaderState;
  entries: RevocationEntry[];
  /** Null: complete as of the ticket's send. */
  gap: string | null;
}

/** Rows carry the time of their INSERT; the commit may be this much later, and a new primary's clock this much behind. */
export const OVERLAP_MS = 60_000;
/** Longer than any relay step can live (its lock waits 1 s, its transaction idles 2 s): a number still missing then will not come. */
export const PATIENCE_MS = 4_000;

export const NEW_READER: ReaderState = { epoch: null, ticket: 0, positions: new Map(), complete: null, missingSince: null };

/** `now`: monotonic time when the ticket was sent for. */
export function planRead(state: ReaderState, ticket: Ticket, now: number, horizonMs: number): ReadPlan {
  if (state.epoch === null || state.complete === null) {
    return { read: 'since', since: Math.min(ticket.dbTime - horizonMs, ticket.unpassedSince), why: null };
  }
  // Where the clock of a new primary lags behind the old one's, what this process measured since is the better witness.
  const sinceComplete = Math.min(state.complete.dbTime, ticket.dbTime - (now - state.complete.monotonic)) - OVERLAP_MS;
  if (ticket.epoch !== state.epoch) return { read: 'since', since: sinceComplete, why: 'the epoch changed' };
  if (ticket.ticket <= state.ticket) return { read: 'since', since: sinceComplete, why: 'tickets went back' };
  if (state.missingSince !== null && now - state.missingSince > PATIENCE_MS) {
    return { read: 'since', since: sinceComplete, why: 'a missing number did not come' };
  }
  return { read: 'after', positions: state.positions };
}

export function absorb(state: ReaderState, plan: ReadPlan, ticket: Ticket, result: ReadResult, now: number, horizonMs: number): Absorbed {
  const entries = result.records.flatMap((record) => record.entry ?? []);
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
    return { state: { ...state, ...lineage, missingSince: state.missingSince ?? now }, entries, gap };
  }
  const complete = { dbTime: ticket.dbTime, monotonic: now };
  return { state: { ...seen, positions: result.lastNumbers, complete, missingSince: null }, entries, gap: null };
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

/** The rules as one value, so that a test can break one of them and show that a named case fails. */
export const READER_RULES = { planRead, absorb };
export type ReaderRules = typeof READER_RULES;
