import type { SourceName } from '#libs/contracts';
import type { Clock } from './clock.js';

/** "Everything the source committed before `sent` has been handed in." */
export interface Proof {
  sentMonotonic: number;
  sentWall: number;
  /** The source's database clock, read between send and answer. */
  dbTime: number;
  /** Database time before which every group reader has handled every event of the source. */
  unpassedSince: number;
}

export type Freshness = { fresh: true } | { fresh: false; source: SourceName; ageMs: number; reason: string };

/** Kept back from the bound for the way of the answer itself. */
export const ANSWER_MARGIN_MS = 100;

interface SourceState {
  sentMonotonic: number;
  sentWall: number;
  gap: { reason: string; since: number } | null;
}

/**
 * Fresh iff, for every source, the age of the last proof is within the bound (RELIABILITY 6). Age counts from the proof's send and is
 * the larger of monotonic and wall time: a suspended machine's monotonic clock stands still, a wall clock may be set back.
 * Without the gap a reader that lost a record would go on vouching for a set with a hole in it.
 */
export class FreshnessTracker {
  private readonly states = new Map<SourceName, SourceState | null>();

  constructor(
    sources: readonly SourceName[],
    private readonly boundMs: number,
    private readonly clock: Clock,
  ) {
    for (const source of sources) this.states.set(source, null);
  }

  /**
   * False: the proof was not newer than what is known, was sent before the gap it would have to close, or came later than the bound after
   * its send. Such a late one could make nothing fresh; but the owner's time in it would count as read at the send, and a process that was
   * stopped while it waited would take its stop for a lead of the owner's clock, which never goes back.
   */
  prove(source: SourceName, proof: Proof): boolean {
    const known = this.stateOf(source);
    if (this.age(proof) > this.boundMs) return false;
    if (known && proof.sentMonotonic < (known.gap?.since ?? known.sentMonotonic)) return false;
    this.states.set(source, { sentMonotonic: proof.sentMonotonic, sentWall: proof.sentWall, gap: null });
    return true;
  }

  gap(source: SourceName, reason: string): void {
    const known = this.stateOf(source);
    const since = this.clock.monotonic();
    this.states.set(source, {
      sentMonotonic: known?.sentMonotonic ?? -Infinity,
      sentWall: known?.sentWall ?? -Infinity,
      gap: { reason, since },
    });
  }

  judge(): Freshness {
    let worst: Freshness = { fresh: true };
    // Asked for every request, and reading the clocks is most of what it costs.
    const [monotonic, wall] = [this.clock.monotonic(), this.clock.wall()];
    for (const [source, state] of this.states) {
      const ageMs = state ? Math.max(monotonic - state.sentMonotonic, wall - state.sentWall) : Number.POSITIVE_INFINITY;
      if (state?.gap) return { fresh: false, source, ageMs, reason: `gap: ${state.gap.reason}` };
      if (ageMs <= this.boundMs - ANSWER_MARGIN_MS || (!worst.fresh && worst.ageMs >= ageMs)) continue;
      worst = { fresh: false, source, ageMs, reason: state && Number.isFinite(ageMs) ? 'no proof within the bound' : 'no proof yet' };
    }
    return worst;
  }

  /** How old each source's last proof is, and whether it is known to lack something: for people who look, never for a decision. */
  ages(): { source: SourceName; ageMs: number; gap: boolean }[] {
    return [...this.states].map(([source, state]) => ({
      source,
      ageMs: state ? this.age(state) : Number.POSITIVE_INFINITY,
      gap: state?.gap != null,
    }));
  }

  private age(state: Pick<Proof, 'sentMonotonic' | 'sentWall'>): number {
    return Math.max(this.clock.monotonic() - state.sentMonotonic, this.clock.wall() - state.sentWall);
  }

  private stateOf(source: SourceName): SourceState | null {
    const state = this.states.get(source);
    if (state === undefined) throw new Error(`${source} is not a source of this view`);
    return state;
  }
}
