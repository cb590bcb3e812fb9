import type { RevocationEntry, SourceName } from '#libs/contracts';
import type { BroadcastProof, LogPlace } from '#libs/event-log';
import type { EntryPath } from './view-observer.js';

/**
 * Whoever passes the view on. It has what the view has once it has been told everything since it took the view's own set; were a proof told
 * before the entries it covers, a copy of the view would be vouched for without them.
 */
export interface ViewFollower {
  /** What the log handed in, also what the view had already; before `applied`. A null place: no number yet. */
  logged(source: SourceName, entries: readonly RevocationEntry[], places: readonly (LogPlace | null)[]): void;
  /** What was news to the view, however it came. */
  applied(news: readonly RevocationEntry[], via: EntryPath): void;
  /** The view took it: it holds everything that the proof is about. */
  proven(source: SourceName, proof: BroadcastProof): void;
}
