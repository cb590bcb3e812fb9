import {
  type Clock,
  type Freshness,
  FreshnessTracker,
  type HopState,
  type HopTicket,
  NEW_HOP,
  OwnerClock,
  onAnswer,
  onProbe,
  onShown,
} from '#libs/revocation';
import type { Prints } from '../handles.js';
import { EndedIds, LIMITS } from './ended-ids.js';
import { FeedError, FeedTooLarge, type Opened, type Proof, type Raised, type SourceName, type SourceTicket } from './feed-events.js';
import { Generations, type Raise, type RaisedKind } from './generations.js';

const SOURCES = ['session', 'token', 'auth'] as const;
/** Before the server has said. */
const HORIZON_MS = 4_200_000;
/** More are under way only when nothing is answered any more. */
const PROBES = 32;

interface Probe {
  readonly monotonic: number;
  readonly wall: number;
  readonly answers: Proof['sources'] | null;
}

/**
 * The revocation view of the server, one hop further: what its feed brought, and as of which moment of this process it is complete. A source is
 * proven by a probe of ours alone (`hop.ts`), never by when something came; until then, and beyond the bound, nothing is answered from it.
 */
export class RevocationCopy {
  readonly generations: Generations;
  /** Called when a key was revoked that wasn't known to be. */
  onKeysEnded: () => void = () => undefined;
  /** When that was, by the monotonic clock. */
  keysEndedAt = Number.NEGATIVE_INFINITY;
  /** The bound of the server's own answers, in milliseconds; null until it has said. */
  serverBoundMs: number | null = null;
  private readonly ended: EndedIds;
  private readonly hops = new Map<SourceName, HopState>();
  private readonly probes = new Map<number, Probe>();
  private readonly proofs: FreshnessTracker;
  private readonly ownerClock: OwnerClock;
  private unpassedSince = Number.NEGATIVE_INFINITY;
  private asked = 0;

  constructor(
    boundMs: number,
    private readonly clock: Clock,
    private readonly limits = LIMITS,
  ) {
    this.ended = new EndedIds(HORIZON_MS, limits);
    this.generations = new Generations(clock);
    this.proofs = new FreshnessTracker(SOURCES, boundMs, clock);
    this.ownerClock = new OwnerClock(clock);
  }

  /** A stream began. What is here stays: a set that only grows is right whatever comes after it. One that was kept for another horizon is let go. */
  opened({ resumed, horizon_ms, bound_ms }: Opened): void {
    // What the former stream had shown was another instance's, perhaps of another epoch.
    for (const source of SOURCES) this.hops.set(source, { ...this.hopOf(source), shown: null });
    this.serverBoundMs = bound_ms;
    if (horizon_ms === this.ended.horizon) return;
    // What had expired here may be needed for longer: nothing but a snapshot can be gone on with.
    if (resumed) throw new FeedError('the horizon changed');
    this.distrust('the horizon changed', horizon_ms);
  }

  addEnded(kind: string, at: number, fingerprints: Uint8Array): void {
    if (!this.ended.add(kind, at, fingerprints) || kind !== 'key') return;
    this.keysEndedAt = this.clock.monotonic();
    this.onKeysEnded();
  }

  addRaised(kind: string, raised: readonly Raised[]): void {
    this.generations.add(kind, raised);
    if (this.generations.size > this.limits.generations) throw new FeedTooLarge(`more than ${this.limits.generations} generations`);
  }

  /** The stream says that everything before these tickets stands before this event. True: that proved something. */
  shown({ sources, unpassed_since }: Proof): boolean {
    this.unpassedSince = unpassed_since;
    let proved = false;
    for (const source of SOURCES) {
      const ticket = sources[source];
      if (!ticket) continue;
      const { state, proven } = onShown(this.hopOf(source), ticket);
      this.hops.set(source, state);
      proved = this.prove(source, proven) || proved;
    }
    this.expire();
    return proved;
  }

  /** Before the probe's first byte is sent. */
  probe(): number {
    const id = ++this.asked;
    this.probes.set(id, { monotonic: this.clock.monotonic(), wall: this.clock.wall(), answers: null });
    for (const source of SOURCES) this.hops.set(source, onProbe(this.hopOf(source), id));
    for (const old of this.probes.keys()) if (old <= id - PROBES) this.probes.delete(old);
    return id;
  }

  /** Throws when the server's log went back: nothing that the stream says can be compared with it. */
  answered(id: number, sources: Proof['sources']): void {
    const sent = this.probes.get(id);
    if (!sent) return;
    this.probes.set(id, { ...sent, answers: sources });
    for (const source of SOURCES) {
      const ticket: HopTicket | undefined = sources[source];
      if (!ticket) continue;
      const hop = onAnswer(this.hopOf(source), id, ticket);
      if (!hop) throw new FeedError('the log went back');
      this.hops.set(source, hop.state);
      this.prove(source, hop.proven);
    }
  }

  /**
   * The server said something that can't be. What it had said is let go, too, so that no garbage stays; and nothing is fresh until a snapshot has come and a
   * probe of later has proven it.
   */
  distrust(reason: string, horizonMs = this.ended.horizon): void {
    this.ended.empty(horizonMs);
    this.generations.clear();
    for (const source of SOURCES) {
      this.hops.set(source, NEW_HOP);
      this.proofs.gap(source, reason);
    }
  }

  /** By the fingerprints of a token's handles. */
  hasEnded(prints: Prints): boolean {
    return this.ended.has(prints);
  }

  /** By fingerprint. */
  raise(kind: RaisedKind, print: string): Raise | undefined {
    return this.generations.of(kind, print);
  }

  /** Asked when the answer is given, not when it is begun. */
  freshness(): Freshness {
    return this.proofs.judge();
  }

  /** Of the owner's clock, never behind it; null before the first proof. */
  ownerNow(): number | null {
    return this.ownerClock.now();
  }

  get size(): number {
    return this.ended.size + this.generations.size;
  }

  private prove(source: SourceName, id: number | null): boolean {
    const probe = id === null ? undefined : this.probes.get(id);
    const answer: SourceTicket | undefined = probe?.answers?.[source];
    if (!probe || !answer) return false;
    const { monotonic: sentMonotonic, wall: sentWall } = probe;
    const proof = { sentMonotonic, sentWall, dbTime: answer.db_time, unpassedSince: this.unpassedSince };
    if (!this.proofs.prove(source, proof)) return false;
    if (source === 'session') this.ownerClock.read(answer.db_time, sentMonotonic);
    return true;
  }

  private expire(): void {
    const now = this.ownerNow();
    if (now === null) return;
    this.ended.expire(now);
    this.generations.expire(Math.min(now - this.ended.horizon, this.unpassedSince));
  }

  private hopOf(source: SourceName): HopState {
    return this.hops.get(source) ?? NEW_HOP;
  }
}
