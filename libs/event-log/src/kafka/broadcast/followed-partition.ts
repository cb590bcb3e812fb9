import type { RevocationEntry } from '#libs/contracts';

/** What a partition of the log holds, decoded. `entry` null: the number is known, the body could not be read. */
export type BroadcastRecord =
  | { type: 'entry'; partition: number; epoch: string; pseq: number; entry: RevocationEntry | null }
  | ({ type: 'watermark'; partition: number } & Watermark)
  | { type: 'unreadable'; partition: number; why: string };

/** "What was committed before this ticket was drawn has a number up to `last`, and stands before me." */
export interface Watermark {
  epoch: string;
  ticket: number;
  last: number;
}

/** One partition as Kafka shows it, beside the position that both sources share. */
export interface FollowedPartition {
  /** Numbers that were handed in one after the other, and may lie beyond a hole, or beyond what is read so far. */
  readonly run: { readonly epoch: string; readonly from: number; readonly to: number } | null;
  readonly watermark: Watermark | null;
}

export const UNSEEN: FollowedPartition = { run: null, watermark: null };

/** A number that is in the run already, or a watermark not newer than the last, is a duplicate. A run that breaks off begins anew. */
export function follow(seen: FollowedPartition, record: Exclude<BroadcastRecord, { type: 'unreadable' }>): FollowedPartition {
  const { run, watermark } = seen;
  if (record.type === 'watermark') {
    if (watermark?.epoch === record.epoch && watermark.ticket >= record.ticket) return seen;
    return { run, watermark: { epoch: record.epoch, ticket: record.ticket, last: record.last } };
  }
  const { epoch, pseq } = record;
  if (run?.epoch === epoch && pseq >= run.from && pseq <= run.to + 1) return { watermark, run: { ...run, to: Math.max(run.to, pseq) } };
  return { watermark, run: { epoch, from: pseq, to: pseq } };
}

/** How far the position comes by the run, in this epoch; a run with a hole before it waits for the database. */
export function advance(
  position: number,
  { run, watermark }: FollowedPartition,
  epoch: string,
): { position: number; seen: FollowedPartition } {
  if (run?.epoch !== epoch || run.from > position + 1) return { position, seen: { run, watermark } };
  return { position: Math.max(position, run.to), seen: { run: null, watermark } };
}

/** The first number that is known to exist and was not handed in; null: none. */
export function missing(position: number, { run, watermark }: FollowedPartition, epoch: string): number | null {
  const beyond = (run?.epoch === epoch && run.from > position + 1) || (watermark?.epoch === epoch && watermark.last > position);
  return beyond ? position + 1 : null;
}

/** Below this ticket everything is proven as far as this partition goes; 0: nothing is. */
export function provenBelow(position: number, { watermark }: FollowedPartition, epoch: string): number {
  return watermark?.epoch === epoch && watermark.last <= position ? watermark.ticket : 0;
}
