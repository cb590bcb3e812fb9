import type { SourceName } from '#libs/contracts';
import type { Tx } from '#libs/database';
import type { DeadReason } from './delivery-rules.js';

/** An event that this service gave up on, kept whole; or numbers that came without one. Times: ms, database clock. */
export interface DeadLetter {
  id: number;
  source: SourceName;
  partition: number;
  position: number;
  event_id: string | null;
  name: string | null;
  key: string | null;
  reason: DeadReason;
  error: string | null;
  tries: number;
  at: number;
  replayed_at: number | null;
  /** When an operator said that nothing is left to be done about it. */
  closed_at: number | null;
  /** In the operator's words; with `closed_at` or not at all. */
  close_reason: string | null;
}

/** Writes the audit into the transaction that marks the letter. */
export type LetterRecorder = (tx: Tx, letter: DeadLetter) => Promise<void>;

export const LETTER_COLUMNS = `id, source, partition, pseq AS position, event_id, name, key, reason, error, tries, lanyard.ms(at) AS at,
  lanyard.ms(replayed_at) AS replayed_at, lanyard.ms(closed_at) AS closed_at, close_reason`;

/** The one condition by which a letter waits for somebody: in lists, in the gauge, and in what holds later events of its key back. */
export function openLetter(alias = 'dead_letter'): string {
  return `${alias}.replayed_at IS NULL AND ${alias}.closed_at IS NULL`;
}
