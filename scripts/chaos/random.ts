/** mulberry32: a seed gives the same faults and the same choices; what the network and the machine do with them is their own. */
export class Random {
  constructor(private state: number) {}

  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  between(from: number, to: number): number {
    return from + this.next() * (to - from);
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  of<T>(all: readonly T[]): T | undefined {
    return all[this.below(all.length)];
  }

  shuffled<T>(all: readonly T[]): T[] {
    const result = [...all];
    for (let n = result.length - 1; n > 0; n--) {
      const other = this.below(n + 1);
      [result[n], result[other]] = [result[other] as T, result[n] as T];
    }
    return result;
  }
}
