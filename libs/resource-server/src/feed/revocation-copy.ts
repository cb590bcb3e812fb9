import {
  type Clock,
  ExpiringIds,
  type Freshness,
  FreshnessTracker,
  type HopState,
  type HopTicket,
  NEW_HOP,
  OwnerClock,
  onAnswer,
  onProbe,
  onShown,
  packed,
  unpacked,
} from '#libs/revocation';
import type { Opened, Proof, Raised, SourceTicket } from './feed-events.js';

/** What a token says of itself. Absent handles can't be hit. */
export interface Handles {
  readonly jti?: string | undefined;
  readonly sid?: string | undefined;
  readonly gid?: string | undefined;
  readonly kid?: string | undefined;
  readonly sub?: string | undefined;
  readonly client_id?: string | undefined;
}

const SOURCES = ['session', 'token', 'auth'] as const;
type Source = (typeof SOURCES)[number];
const ENDED = ['session', 'grant', 'token', 'key'] as const;
type Ended = (typeof ENDED)[number];
/** As the server keeps it: few slices to ask, none much longer than needed. */
const SLICES = 2;
/** Before the server has said. */
const HORIZON_MS = 4_200_000;

interface Sent {
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * The revocation view of the server, one hop further: what its feed brought, and as of which moment of this process it is complete. A source is
 * proven by a probe of ours alone (`hop.ts`), never by when something came; until then, and beyond the bound, nothing is answered from it.
 */
export class RevocationCopy {
  private ended: Record<Ended, ExpiringIds> = emptyFor(HORIZON_MS);
  private readonly raised = new Map<string, { gen: number; at: number }>();
  private readonly hops = new Map<Source, HopState>();
  private readonly probes = new Map<number, Sent & { answers: ReadonlyMap<Source, SourceTicket> | null }>();
  private readonly proofs: FreshnessTracker;
  private readonly ownerClock: OwnerClock;
  /** Counts what was raised: whoever asks elsewhere meanwhile sees that something came in between. */
  raisedSoFar = 0;
  private horizonMs = HORIZON_MS;
  private unpassedSince = Number.NEGATIVE_INFINITY;
  private asked = 0;

  constructor(
    boundMs: number,
    private readonly clock: Clock,
  ) {
    this.proofs = new FreshnessTracker(SOURCES, boundMs, clock);
    this.ownerClock = new OwnerClock(clock);
  }

  /**
   * A stream began. What is here stays: a set that only grows is right whatever comes after it. False: it was kept for another horizon, and
   * is gone: nothing but a snapshot can be gone on with.
   */
  opened({ horizon_ms }: Opened): boolean {
    // What the former stream had shown was another instance's, perhaps of another epoch.
    for (const source of SOURCES) this.hops.set(source, { ...this.hopOf(source), shown: null });
    if (horizon_ms === this.horizonMs) return true;
    const kept = this.size > 0;
    if (kept) this.distrust('the horizon changed');
    this.horizonMs = horizon_ms;
    this.ended = emptyFor(horizon_ms);
    return !kept;
  }

  addEnded(kind: string, at: number, fingerprints: Uint8Array): void {
    const known = ENDED.find((name) => name === kind);
    if (!known) return;
    const prints = unpacked(fingerprints);
    if (!prints) throw new Error(`${fingerprints.byteLength} bytes are no fingerprints`);
    for (const print of prints) this.ended[known].addFingerprint(print, at);
  }

  addRaised(kind: string, raised: readonly Raised[]): void {
    this.raisedSoFar++;
    for (const [print, gen, at] of raised) {
      const name = `${kind} ${print}`;
      const known = this.raised.get(name);
      this.raised.set(name, { gen: Math.max(gen, known?.gen ?? 0), at: Math.max(at, known?.at ?? 0) });
    }
  }

  /** The stream says that everything before these tickets stands before this event. */
  shown({ sources, unpassed_since }: Proof): void {
    this.unpassedSince = unpassed_since;
    for (const source of SOURCES) {
      const ticket = sources[source];
      if (!ticket) continue;
      const { state, proven } = onShown(this.hopOf(source), ticket);
      this.hops.set(source, state);
      this.prove(source, proven);
    }
    this.expire();
  }

  /** Before the probe's first byte is sent. */
  probe(): number {
    const id = ++this.asked;
    this.probes.set(id, { monotonic: this.clock.monotonic(), wall: this.clock.wall(), answers: null });
    for (const source of SOURCES) this.hops.set(source, onProbe(this.hopOf(source), id));
    for (const old of this.probes.keys()) if (old <= id - 32) this.probes.delete(old);
    return id;
  }

  /** False: the server's log went back; nothing that the stream says can be compared with it. */
  answered(id: number, sources: Proof['sources']): boolean {
    const sent = this.probes.get(id);
    if (!sent) return true;
    this.probes.set(id, { ...sent, answers: new Map(SOURCES.flatMap((source) => (sources[source] ? [[source, sources[source]]] : []))) });
    for (const source of SOURCES) {
      const ticket: HopTicket | undefined = sources[source];
      if (!ticket) continue;
      const hop = onAnswer(this.hopOf(source), id, ticket);
      if (!hop) return false;
      this.hops.set(source, hop.state);
      this.prove(source, hop.proven);
    }
    return true;
  }

  /** The server said something that can't be: nothing is fresh until a probe of later has proven it. */
  distrust(reason: string): void {
    for (const source of SOURCES) {
      this.hops.set(source, NEW_HOP);
      this.proofs.gap(source, reason);
    }
  }

  hasEnded({ sid, gid, jti, kid }: Handles): boolean {
    const { session, grant, token, key } = this.ended;
    return (
      (sid !== undefined && session.has(sid)) ||
      (gid !== undefined && grant.has(gid)) ||
      (jti !== undefined && token.has(jti)) ||
      (kid !== undefined && key.has(kid))
    );
  }

  /** The lowest generation that counts, and when it was raised. */
  raise(kind: 'subject' | 'client', id: string | undefined): { readonly gen: number; readonly at: number } | undefined {
    // Few are ever raised: most look-ups end before the fingerprint is made.
    if (id === undefined || this.raised.size === 0) return undefined;
    return this.raised.get(`${kind} ${Buffer.from(packed([id])).toString('base64')}`);
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
    return ENDED.reduce((sum, kind) => sum + this.ended[kind].size, this.raised.size);
  }

  private prove(source: Source, id: number | null): void {
    const probe = id === null ? undefined : this.probes.get(id);
    const answer = probe?.answers?.get(source);
    if (!probe || !answer) return;
    const { monotonic: sentMonotonic, wall: sentWall } = probe;
    const proof = { sentMonotonic, sentWall, dbTime: answer.db_time, unpassedSince: this.unpassedSince };
    if (this.proofs.prove(source, proof) && source === 'session') this.ownerClock.read(answer.db_time, sentMonotonic);
  }

  private expire(): void {
    const now = this.ownerNow();
    if (now === null) return;
    const before = now - this.horizonMs;
    for (const kind of ENDED) this.ended[kind].expire(before);
    for (const [name, { at }] of this.raised) if (at < Math.min(before, this.unpassedSince)) this.raised.delete(name);
  }

  private hopOf(source: Source): HopState {
    return this.hops.get(source) ?? NEW_HOP;
  }
}

function emptyFor(horizonMs: number): Record<Ended, ExpiringIds> {
  const ids = () => new ExpiringIds(horizonMs / SLICES);
  return { session: ids(), grant: ids(), token: ids(), key: ids() };
}
