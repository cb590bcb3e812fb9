import type { Clock } from '#libs/revocation';
import type { Raised } from './feed-events.js';

export interface Raise {
  /** Tokens of a lower one are refused. */
  readonly gen: number;
  /** By the owner's clock. */
  readonly at: number;
  /** Which of all changes this was. */
  readonly change: number;
  /** When this process heard of it, by its monotonic clock. */
  readonly heard: number;
}

const KINDS = ['subject', 'client'] as const;
export type RaisedKind = (typeof KINDS)[number];
/** Looked at now and then, not with each proof: an entry that stays a minute longer harms nobody. */
const SWEEP_MS = 60_000;

/** Whose tokens of a lower generation are refused, by fingerprint. Few: everything else is fingerprints of what ended. */
export class Generations {
  /** Counts what was news: whoever asks elsewhere meanwhile sees that something came in between. */
  changes = 0;
  private readonly raised: Record<RaisedKind, Map<string, Raise>> = { subject: new Map(), client: new Map() };
  private sweptAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly clock: Clock) {}

  add(kind: string, raised: readonly Raised[]): void {
    const known = KINDS.find((name) => name === kind);
    if (!known) return;
    for (const each of raised) this.raise(this.raised[known], each);
  }

  of(kind: RaisedKind, print: string): Raise | undefined {
    return this.raised[kind].get(print);
  }

  /** Of none that is later than `before`. */
  expire(before: number): void {
    const now = this.clock.monotonic();
    if (now - this.sweptAt < SWEEP_MS) return;
    this.sweptAt = now;
    for (const kind of KINDS) for (const [print, { at }] of this.raised[kind]) if (at < before) this.raised[kind].delete(print);
  }

  clear(): void {
    for (const kind of KINDS) this.raised[kind].clear();
  }

  get size(): number {
    return this.raised.subject.size + this.raised.client.size;
  }

  private raise(into: Map<string, Raise>, [print, gen, at]: Raised): void {
    const known = into.get(print);
    // The same generation with a later time: something else about it changed (an API that was taken from a client).
    if (known && known.gen >= gen && known.at >= at) return;
    const [highest, latest] = [Math.max(gen, known?.gen ?? 0), Math.max(at, known?.at ?? 0)];
    into.set(print, { gen: highest, at: latest, change: ++this.changes, heard: this.clock.monotonic() });
  }
}
