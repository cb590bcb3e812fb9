import { type Fingerprint, FingerprintSet, fingerprint } from './fingerprints.js';

/** One for all: nothing is asked between filling it and reading it. */
const scratch: Fingerprint = { high: 0, low: 0 };

/**
 * Ids filed by the time they were set, in slices of time that are let go of as a whole: expiry looks at slices, never at entries. An id
 * mentioned again with a later time is filed there too. A look-up asks each slice that is left: few, because they are wide.
 */
export class ExpiringIds {
  private readonly slices = new Map<number, FingerprintSet>();
  private newestFirst: readonly FingerprintSet[] = [];

  constructor(private readonly sliceMs: number) {}

  /** True when it is news: the id was in no slice, or in such only as are dropped before the one of `at`. */
  add(id: string, at: number): boolean {
    return this.addFingerprint(fingerprint(id, scratch), at);
  }

  addFingerprint(print: Fingerprint, at: number): boolean {
    const slot = Math.floor(at / this.sliceMs);
    let known = false;
    for (const [of, held] of this.slices) if (of >= slot && held.has(print)) known = true;
    let slice = this.slices.get(slot);
    if (!slice) {
      slice = new FingerprintSet();
      this.slices.set(slot, slice);
      this.order();
    }
    slice.add(print);
    return !known;
  }

  has(id: string): boolean {
    return this.newestFirst.length > 0 && this.hasFingerprint(fingerprint(id, scratch));
  }

  /** For who asks of one id often, and made its fingerprint once. */
  hasFingerprint(print: Fingerprint): boolean {
    for (const slice of this.newestFirst) if (slice.has(print)) return true;
    return false;
  }

  /** Drops the slices that lie wholly before `before`. */
  expire(before: number): void {
    const oldestKept = Math.floor(before / this.sliceMs);
    let dropped = false;
    for (const slot of this.slices.keys()) if (slot < oldestKept) dropped = this.slices.delete(slot) || dropped;
    if (dropped) this.order();
  }

  /** Slice by slice, with the latest time that what is in it may be of. What is added meanwhile may be missing. */
  *chunks(): Generator<{ at: number; fingerprints: Uint8Array }> {
    for (const [slot, slice] of [...this.slices]) {
      for (const fingerprints of slice.chunks()) yield { at: (slot + 1) * this.sliceMs - 1, fingerprints };
    }
  }

  /** An id that was mentioned in two slices counts twice. */
  get size(): number {
    return this.newestFirst.reduce((sum, slice) => sum + slice.size, 0);
  }

  get bytes(): number {
    return this.newestFirst.reduce((sum, slice) => sum + slice.bytes, 0);
  }

  private order(): void {
    this.newestFirst = [...this.slices].sort(([a], [b]) => b - a).map(([, slice]) => slice);
  }
}
