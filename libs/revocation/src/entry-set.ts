import type { RevocationEntry } from '#libs/contracts';
import { ExpiringIds } from './expiring-ids.js';
import { TimeBuckets } from './time-buckets.js';

type Ended = Extract<RevocationEntry, { kind: 'session' | 'grant' | 'token' | 'key' }>['kind'];
type Raised = Extract<RevocationEntry, { kind: 'subject' | 'client' }>['kind'];

/** A generation, or fingerprints of what ended no later than `at`. */
export type SetChunk = { kind: Raised; id: string; gen: number; at: number } | { kind: Ended; at: number; fingerprints: Uint8Array };

const ENDED = ['session', 'grant', 'token', 'key'] as const;
const RAISED = ['subject', 'client'] as const;

/**
 * The grow-only set: adding twice, late or in any order changes nothing, which is what lets hints and the log race each other.
 * What has ended is kept as fingerprints of 64 bits (millions of them); generations, few, as what they are. Both expire by slices of time.
 */
export class EntrySet {
  private readonly ended: Record<Ended, ExpiringIds>;
  private readonly raised: Record<Raised, Map<string, { gen: number; at: number }>> = { subject: new Map(), client: new Map() };
  private readonly raisedBy: Record<Raised, TimeBuckets<string>>;

  /** An entry may stay for `sliceMs` longer than it must. */
  constructor(sliceMs: number) {
    const ids = () => new ExpiringIds(sliceMs);
    const buckets = () => new TimeBuckets<string>(sliceMs);
    this.ended = { session: ids(), grant: ids(), token: ids(), key: ids() };
    this.raisedBy = { subject: buckets(), client: buckets() };
  }

  /** True when it was news; of a subject or client also a repeated generation with a later time: something else about it changed. */
  add(entry: RevocationEntry): boolean {
    if (entry.kind === 'subject' || entry.kind === 'client') return this.raise(entry.kind, entry.id, entry.gen, entry.at);
    return this.ended[entry.kind].add(entry.id, entry.at);
  }

  hasEnded(kind: Ended, id: string): boolean {
    return this.ended[kind].has(id);
  }

  /** The lowest generation that still counts; everything issued under a lower one is refused. */
  generation(kind: Raised, id: string): number {
    return this.raised[kind].get(id)?.gen ?? 0;
  }

  /** Drops what no token can need: set before `before`; subjects and clients only when every group reader has passed them too. */
  expire(before: number, passedBefore: number): void {
    for (const kind of ENDED) this.ended[kind].expire(before);
    for (const kind of RAISED) {
      for (const { slot, keys } of this.raisedBy[kind].due(Math.min(before, passedBefore))) {
        for (const key of keys) {
          const known = this.raised[kind].get(key);
          if (known && this.raisedBy[kind].slotOf(known.at) <= slot) this.raised[kind].delete(key);
        }
      }
    }
  }

  /** All of it, a piece at a time, for whoever keeps a copy: what is added meanwhile he has to be told otherwise. */
  *chunks(): Generator<SetChunk> {
    for (const kind of RAISED) {
      for (const [id, { gen, at }] of [...this.raised[kind]]) yield { kind, id, gen, at };
    }
    for (const kind of ENDED) for (const chunk of this.ended[kind].chunks()) yield { kind, ...chunk };
  }

  get size(): number {
    return Object.values(this.sizes()).reduce((sum, size) => sum + size, 0);
  }

  sizes(): Record<Ended | Raised, number> {
    const { session, grant, token, key } = this.ended;
    const { subject, client } = this.raised;
    return { session: session.size, grant: grant.size, token: token.size, key: key.size, subject: subject.size, client: client.size };
  }

  private raise(kind: Raised, id: string, gen: number, at: number): boolean {
    const known = this.raised[kind].get(id);
    if (known && known.gen >= gen && known.at >= at) return false;
    const merged = { gen: Math.max(gen, known?.gen ?? 0), at: Math.max(at, known?.at ?? at) };
    this.raised[kind].set(id, merged);
    this.raisedBy[kind].file(id, merged.at);
    return true;
  }
}
