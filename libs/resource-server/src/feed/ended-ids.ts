import { ExpiringIds, type Fingerprint, unpacked } from '#libs/revocation';
import { ENDED, type Prints } from '../handles.js';
import { FeedError, FeedTooLarge } from './feed-events.js';

export interface CopyLimits {
  /** Of fingerprints. Twice what the server was measured with, some 500 MB: a feed that says more has lost its mind. */
  readonly entries: number;
  /** Of users and clients whose generation was raised, 170 bytes each. */
  readonly generations: number;
  /** Different times to file under. A server keeps four or five, and each is one more place for a look-up to ask. */
  readonly slots: number;
}

export const LIMITS: CopyLimits = { entries: 25_000_000, generations: 1_000_000, slots: 16 };
/** As the server keeps it: few slices to ask, none much longer than needed. */
const SLICES = 2;
/** One for all: nothing is asked between filling it and reading it. */
const scratch: Fingerprint = { high: 0, low: 0 };

/** What has ended, as fingerprints, for as long as a token of it may live. Only added to, and bounded whatever a feed says. */
export class EndedIds {
  /** By the kinds of `ENDED`. */
  private ended: readonly ExpiringIds[];
  private readonly slots = new Set<number>();

  constructor(
    private horizonMs: number,
    private readonly limits: CopyLimits,
  ) {
    this.ended = emptyFor(horizonMs);
  }

  get horizon(): number {
    return this.horizonMs;
  }

  /** True when any of it is news. A kind that isn't known is passed over. */
  add(kind: string, at: number, fingerprints: Uint8Array): boolean {
    const prints = unpacked(fingerprints);
    if (!prints) throw new FeedError(`${fingerprints.byteLength} bytes are no fingerprints`);
    const known = this.ended[ENDED.indexOf(kind)];
    if (!known) return false;
    this.slots.add(this.slotOf(at));
    if (this.slots.size > this.limits.slots) throw new FeedTooLarge('entries of too many times');
    if (this.size + prints.length > this.limits.entries) throw new FeedTooLarge(`more than ${this.limits.entries} entries`);
    let news = false;
    for (const print of prints) news = known.addFingerprint(print, at) || news;
    return news;
  }

  has(prints: Prints): boolean {
    let half = 0;
    for (const ids of this.ended) {
      scratch.high = prints[half++] as number;
      scratch.low = prints[half++] as number;
      if ((scratch.high !== 0 || scratch.low !== 0) && ids.hasFingerprint(scratch)) return true;
    }
    return false;
  }

  /** What no token can need at this time of the owner's clock. */
  expire(now: number): void {
    const before = now - this.horizonMs;
    for (const ids of this.ended) ids.expire(before);
    for (const slot of this.slots) if (slot < this.slotOf(before)) this.slots.delete(slot);
  }

  empty(horizonMs: number): void {
    this.horizonMs = horizonMs;
    this.ended = emptyFor(horizonMs);
    this.slots.clear();
  }

  get size(): number {
    return this.ended.reduce((sum, { size }) => sum + size, 0);
  }

  private slotOf(at: number): number {
    return Math.floor(at / (this.horizonMs / SLICES));
  }
}

function emptyFor(horizonMs: number): ExpiringIds[] {
  return ENDED.map(() => new ExpiringIds(horizonMs / SLICES));
}
