import type { RevocationEntry, SourceName } from '#libs/contracts';
import type { PartitionLag } from './partition-lag.js';

/** Which number an entry has in its log: the same for every process that reads this epoch. */
export interface LogPlace {
  epoch: string;
  partition: number;
  pseq: number;
}

/** What a proof is about, in words that every process understands. */
export interface LogPosition {
  epoch: string;
  /** Complete as of the moment this was drawn: of two of one epoch the greater one says more, whoever drew them. */
  ticket: number;
  /** Per partition the number up to which everything was handed in. It says nothing of what had no number yet, the proof does. */
  numbers: ReadonlyMap<number, number>;
}

/** "Everything `source` committed before `sent` has been handed to onEntries." How a driver comes to know that is its own affair. */
export interface BroadcastProof {
  sentMonotonic: number;
  sentWall: number;
  /** The source's database clock, read after `sent`. */
  dbTime: number;
  unpassedSince: number;
  position: LogPosition;
}

/**
 * What a view gives a driver. Entries may come twice and in any order; a proof may never come before its entries: the view would vouch
 * for a set that lacks them. `onGap` comes before anything is known to be missing for longer than it takes to say so.
 */
export interface BroadcastHandlers {
  /** `places`: of each entry; null while it has no number. Whatever a position covers was handed in with its place. */
  onEntries(source: SourceName, entries: RevocationEntry[], places: readonly (LogPlace | null)[]): void;
  onProof(source: SourceName, proof: BroadcastProof): void;
  onGap(source: SourceName, reason: string): void;
}

/** Every process reads everything, for itself. The driver's whole interface: Kafka is a second implementation of it. */
export interface BroadcastReader {
  /** Subscribes, reads the horizon, and goes on. Resolves after the first try on each source, whatever came of it. */
  start(handlers: BroadcastHandlers): Promise<void>;
  stop(): Promise<void>;
  /** A try right now; resolves when it is over. */
  probe?(source: SourceName): Promise<void>;
  /** For metrics: asks each source for the end of its log. */
  lags?(): Promise<PartitionLag[]>;
}
