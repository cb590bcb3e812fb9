import type { RevocationEntry } from '#libs/contracts';
import { TimeBuckets } from './time-buckets.js';

type Ended = Extract<RevocationEntry, { kind: 'session' | 'grant' | 'token' | 'key' }>['kind'];
type Raised = Extract<RevocationEntry, { kind: 'subject' | 'client' }>['kind'];

const BUCKET_MS = 60_000;

/**
 * The grow-only set: adding twice, late or in any order changes nothing, which is what lets hints and the log race each other.
 * Only these five methods know the representation: a Map of strings costs some 150 bytes an entry today; hashing ids into typed
 * arrays per bucket is the way to 64 and less, behind the same methods. Expiry is per bucket of a minute.
 */
export class EntrySet {
  private readonly ended: Record<Ended, Map<string, number>> = {
    session: new Map(),
    grant: new Map(),
    token: new Map(),
    key: new Map(),
  };
  private readonly raised: Record<Raised, Map<string, { gen: number; at: number }>> = { subject: new Map(), client: new Map() };
  private readonly endedBy: Record<Ended, TimeBuckets<string>>;
  private readonly raisedBy: Record<Raised, TimeBuckets<string>>;

  constructor(bucketMs = BUCKET_MS) {
    const buckets = () => new TimeBuckets<string>(bucketMs);
    this.endedBy = { session: buckets(), grant: buckets(), token: buckets(), key: buckets() };
    this.raisedBy = { subject: buckets(), client: buckets() };
  }

  /** True when it was news; of a subject or client also a repeated generation with a later time: something else about it changed. */
  add(entry: RevocationEntry): boolean {
    if (entry.kind === 'subject' || entry.kind === 'client') return this.raise(entry.kind, entry.id, entry.gen, entry.at);
    const known = this.ended[entry.kind].get(entry.id);
    if (known !== undefined && known >= entry.at) return false;
    this.ended[entry.kind].set(entry.id, entry.at);
    this.endedBy[entry.kind].file(entry.id, entry.at);
    return known === undefined;
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
    for (const kind of ['session', 'grant', 'token', 'key'] as const) {
      for (const { slot, keys } of this.endedBy[kind].due(before)) {
        for (const key of keys) {
          const at = this.ended[kind].get(key);
          if (at !== undefined && this.endedBy[kind].slotOf(at) <= slot) this.ended[kind].delete(key);
        }
      }
    }
    for (const kind of ['subject', 'client'] as const) {
      for (const { slot, keys } of this.raisedBy[kind].due(Math.min(before, passedBefore))) {
        for (const key of keys) {
          const known = this.raised[kind].get(key);
          if (known && this.raisedBy[kind].slotOf(known.at) <= slot) this.raised[kind].delete(key);
        }
      }
    }
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
