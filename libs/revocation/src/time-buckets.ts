/**
 * Keys filed by the time they were set, so that expiry looks at whole buckets that are due and never at what stays.
 * A key may be filed again later; the owner of the keys decides, when a bucket falls, whether its copy is the current one.
 */
export class TimeBuckets<K> {
  private readonly buckets = new Map<number, K[]>();
  private oldest = Number.POSITIVE_INFINITY;

  constructor(private readonly widthMs: number) {}

  file(key: K, at: number): void {
    const slot = this.slotOf(at);
    const bucket = this.buckets.get(slot);
    if (bucket) bucket.push(key);
    else this.buckets.set(slot, [key]);
    if (slot < this.oldest) this.oldest = slot;
  }

  slotOf(at: number): number {
    return Math.floor(at / this.widthMs);
  }

  /** Takes out every bucket that lies wholly before `before`; nothing due costs one comparison. */
  *due(before: number): Generator<{ slot: number; keys: readonly K[] }> {
    if (this.oldest >= this.slotOf(before)) return;
    const slots = [...this.buckets.keys()].filter((slot) => slot < this.slotOf(before)).sort((a, b) => a - b);
    for (const slot of slots) {
      const keys = this.buckets.get(slot) ?? [];
      this.buckets.delete(slot);
      yield { slot, keys };
    }
    this.oldest = Math.min(Number.POSITIVE_INFINITY, ...this.buckets.keys());
  }
}
