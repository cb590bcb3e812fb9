/**
 * Breadth first through every state that can be reached, so that a violation found is one of the shortest. States are told apart by a 64-bit
 * fingerprint of their canonical encoding; a history is found again by replaying the numbers of the steps.
 */
export interface Step<S> {
  /** Of its kind, for a history: "the relay draws its ticket". */
  readonly label: string;
  readonly to: S;
  /** A rule that the step itself broke. */
  readonly broken?: string | null;
}

export interface Machine<S> {
  readonly start: S;
  next(state: S): Step<S>[];
  encode(state: S): string;
  /** The invariant that this state violates. */
  broken(state: S): string | null;
}

export interface Found {
  readonly invariant: string;
  readonly history: string[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** False when `limit` ended it. */
  readonly whole: boolean;
  readonly found: Found | null;
}

export function explore<S>(machine: Machine<S>, limit: { states?: number; depth?: number } = {}): Exploration {
  const maxStates = limit.states ?? Number.POSITIVE_INFINITY;
  const seen = new Seen();
  const origins = new Origins();
  seen.add(machine.encode(machine.start));
  let level: { state: S; index: number }[] = [{ state: machine.start, index: origins.add(-1, 0) }];
  let transitions = 0;
  let depth = 0;
  const done = (whole: boolean, found: Found | null = null): Exploration => ({ states: seen.size, transitions, depth, whole, found });
  while (level.length > 0) {
    if (depth === limit.depth) return done(false);
    const following: typeof level = [];
    for (const { state, index } of level) {
      const steps = machine.next(state);
      for (let n = 0; n < steps.length; n++) {
        const step = steps[n] as Step<S>;
        transitions++;
        const known = !seen.add(machine.encode(step.to));
        const broken = step.broken ?? (known ? null : machine.broken(step.to));
        if (broken) {
          depth++;
          return done(false, { invariant: broken, history: replay(machine, [...origins.path(index), n]) });
        }
        if (!known) following.push({ state: step.to, index: origins.add(index, n) });
      }
    }
    if (following.length > 0) depth++;
    level = following;
    if (seen.size > maxStates) return done(false);
  }
  return done(true);
}

function replay<S>(machine: Machine<S>, path: readonly number[]): string[] {
  let state = machine.start;
  return path.map((n) => {
    const step = machine.next(state)[n];
    if (!step) throw new Error('the machine is not a function of its state');
    state = step.to;
    return step.label;
  });
}

/** Looked up once: jest's sandbox makes every look-up of a global slow. */
const { imul } = Math;

/** Open addressing over two 32-bit hashes: a set of strings would cost ten times as much and ends at 16 million. */
class Seen {
  size = 0;
  private mask = 2 ** 16 - 1;
  private high = new Int32Array(2 ** 16);
  private low = new Int32Array(2 ** 16);

  add(key: string): boolean {
    let a = 0x811c9dc5;
    let b = 0x2545f491;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      a = imul(a ^ code, 0x01000193);
      b = imul(b ^ code, 0x5bd1e995);
      b ^= b >>> 13;
    }
    a ^= a >>> 15;
    a = imul(a, 0x2c1b3c6d);
    a ^= a >>> 12;
    if (a === 0 && b === 0) b = 1;
    if (!this.insert(a, b)) return false;
    if (++this.size * 2 > this.mask) this.grow();
    return true;
  }

  private insert(a: number, b: number): boolean {
    for (let slot = a & this.mask; ; slot = (slot + 1) & this.mask) {
      const high = this.high[slot];
      const low = this.low[slot];
      if (high === a && low === b) return false;
      if (high !== 0 || low !== 0) continue;
      this.high[slot] = a;
      this.low[slot] = b;
      return true;
    }
  }

  private grow(): void {
    const { high, low } = this;
    const length = high.length * 2;
    this.mask = length - 1;
    this.high = new Int32Array(length);
    this.low = new Int32Array(length);
    for (let slot = 0; slot < high.length; slot++) {
      const a = high[slot] as number;
      const b = low[slot] as number;
      if (a !== 0 || b !== 0) this.insert(a, b);
    }
  }
}

/** By which step of which state a state was first reached. */
class Origins {
  private length = 0;
  private parents = new Int32Array(2 ** 12);
  private steps = new Uint8Array(2 ** 12);

  add(parent: number, step: number): number {
    if (this.length === this.parents.length) {
      const parents = new Int32Array(this.length * 2);
      const steps = new Uint8Array(this.length * 2);
      parents.set(this.parents);
      steps.set(this.steps);
      this.parents = parents;
      this.steps = steps;
    }
    this.parents[this.length] = parent;
    this.steps[this.length] = step;
    return this.length++;
  }

  path(index: number): number[] {
    const path: number[] = [];
    for (let at = index; this.parents[at] !== -1; at = this.parents[at] as number) path.unshift(this.steps[at] as number);
    return path;
  }
}
