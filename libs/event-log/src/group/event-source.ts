import type { SourceName } from '#libs/contracts';
import type { GroupRecord } from './delivery-rules.js';
import type { Held, PositionId } from './position.store.js';

export interface EventBatch {
  records: GroupRecord[];
  /** The highest number that is known of. */
  last: number;
  /** What retention removed, with everything before it. */
  swept: number;
}

/** What the owner's database answers: as of this epoch of it. */
export interface OutboxAnswer extends EventBatch {
  epoch: string;
}

/**
 * Where a group reader's events come from: the one thing in which logs differ. The rules, the positions and the leases are the same for any of
 * them, and the position in the reader's own database is the truth: an event source may bring anything twice, late or not at all.
 */
export interface EventSource {
  /** Calls `wake` when there may be something to read. */
  start(wake: (source: SourceName, partition?: number) => void): Promise<void>;
  /** Whether the log wants this instance to go on with the partition. Whether it may is the lease's word. */
  mine(id: PositionId): boolean;
  /** In order of numbers, from the first one after the position; a number left out is a hole. Another epoch than before: whatever is known of the log may be of another one. */
  read(id: PositionId, from: Held, limit: number): Promise<EventBatch>;
  /** Everything up to there is done, and its position committed. */
  done(id: PositionId, position: number): void;
  /** What the owner has numbered, per partition: for metrics. */
  ends(source: SourceName): Promise<ReadonlyMap<number, number>>;
  stop(): Promise<void>;
}
