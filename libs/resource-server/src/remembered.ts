interface Entry<T> {
  readonly value: T;
  readonly weight: number;
}

/** Characters of tokens, and as much again for what was made of each: 10,000 tokens of the usual size. Two generations are held at most. */
const MAX_WEIGHT = 24 * 1024 * 1024;
const OWN_WEIGHT = 1_024;

/**
 * What was made of tokens, under their names. Bounded by weight in two generations, so that a hit costs no bookkeeping: what nobody asks for while one fills
 * is gone, and is only made again. Nothing but what proved good may be put in: garbage takes no place and pushes nothing out.
 */
export class Remembered<T> {
  private young = new Map<string, Entry<T>>();
  private old = new Map<string, Entry<T>>();
  private weight = 0;

  constructor(private readonly maxWeight = MAX_WEIGHT) {}

  get(name: string): T | undefined {
    const young = this.young.get(name);
    if (young) return young.value;
    const old = this.old.get(name);
    if (!old) return undefined;
    this.old.delete(name);
    this.keep(name, old);
    return old.value;
  }

  /** `length`: of the token. */
  set(name: string, value: T, length: number): void {
    this.delete(name);
    this.keep(name, { value, weight: length + OWN_WEIGHT });
  }

  delete(name: string): void {
    const young = this.young.get(name);
    if (young) this.weight -= young.weight;
    this.young.delete(name);
    this.old.delete(name);
  }

  clear(): void {
    this.young = new Map();
    this.old = new Map();
    this.weight = 0;
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  private keep(name: string, entry: Entry<T>): void {
    this.weight += entry.weight;
    if (this.weight > this.maxWeight) {
      this.old = this.young;
      this.young = new Map();
      this.weight = entry.weight;
    }
    this.young.set(name, entry);
  }
}
