import type { RevocationEntry } from '#libs/contracts';
import { type Clock, RevocationView } from '#libs/revocation';
import type { Judge, Proof } from './rules.js';
import { TICK } from './scope.js';

/**
 * Real `RevocationView`s as states. Each distinct one is kept once, under a number; an operation copies it, sets the clock, runs the real
 * method and looks its result up. So the reducers run once for each thing that can happen to them, and the search only meets numbers.
 */
export class RealViews {
  private readonly local = { m: 0, w: 0 };
  private readonly clock: Clock;
  private readonly options: ConstructorParameters<typeof RevocationView>[0];
  private readonly views: RevocationView[] = [];
  private readonly numbers = new Map<string, number>();
  private readonly results = new Map<string, number>();
  private readonly taken = new Map<string, boolean>();
  private readonly verdicts = new Map<Judge, Map<string, ReturnType<Judge>>>();
  private readonly refusals: boolean[] = [];
  private readonly readings = new Map<string, number | null>();
  readonly empty: number;

  constructor(bounds: { boundMs: number; horizonMs: number }, seenBy: (clock: Clock) => Clock) {
    const { local } = this;
    this.clock = seenBy({ monotonic: () => local.m * TICK, wall: () => local.w * TICK });
    this.options = { sources: ['session'], ...bounds, clock: this.clock };
    this.empty = this.keep(new RevocationView(this.options));
  }

  /** As whoever runs in this process reads its clocks. */
  readClock(m: number, w: number): { monotonic: number; wall: number } {
    this.local.m = m;
    this.local.w = w;
    return { monotonic: this.clock.monotonic(), wall: this.clock.wall() };
  }

  apply(view: number, entry: RevocationEntry): number {
    return this.result(view, `a${entry.id}${entry.at}`, (real) => void real.apply([entry]));
  }

  /** `taken`: whether the view let the proof count. */
  prove(view: number, m: number, w: number, proof: Proof): { view: number; taken: boolean } {
    const operation = `p${m},${w},${proof.sentMonotonic},${proof.sentWall},${proof.dbTime},${proof.unpassedSince}`;
    const to = this.result(view, operation, (real) => {
      this.readClock(m, w);
      this.taken.set(`${view}|${operation}`, real.applyProof('session', proof));
    });
    return { view: to, taken: this.taken.get(`${view}|${operation}`) ?? false };
  }

  gap(view: number, m: number, w: number, reason: string): number {
    return this.result(view, `g${m},${w}`, (real) => {
      this.readClock(m, w);
      // One wording: a history of reasons is no part of the state.
      real.gap('session', reason && 'gap');
    });
  }

  /** What would be answered about a token of session s that lives until `exp`. */
  verdict(view: number, m: number, w: number, exp: number, judge: Judge): ReturnType<Judge> {
    const key = `${view}|${m}|${w}|${exp}`;
    let verdicts = this.verdicts.get(judge);
    if (!verdicts) {
      verdicts = new Map();
      this.verdicts.set(judge, verdicts);
    }
    let verdict = verdicts.get(key);
    if (verdict === undefined) {
      this.readClock(m, w);
      // `now()` of the owner clock remembers its highest reading: asked of a copy.
      verdict = judge(claims(exp), this.copy(view));
      verdicts.set(key, verdict);
    }
    return verdict;
  }

  refuses(view: number): boolean {
    let refuses = this.refusals[view];
    if (refuses === undefined) {
      refuses = this.real(view).isRevoked(claims(0));
      this.refusals[view] = refuses;
    }
    return refuses;
  }

  /** In ticks; null before the first proof. */
  ownerNow(view: number, m: number, w: number): number | null {
    const key = `${view}|${m}|${w}`;
    let now = this.readings.get(key);
    if (now === undefined) {
      this.readClock(m, w);
      const reading = this.copy(view).ownerNow();
      now = reading === null ? null : reading / TICK;
      this.readings.set(key, now);
    }
    return now;
  }

  private result(view: number, operation: string, run: (real: RevocationView) => void): number {
    const key = `${view}|${operation}`;
    let number = this.results.get(key);
    if (number === undefined) {
      const copy = this.copy(view);
      run(copy);
      number = this.keep(copy);
      this.results.set(key, number);
    }
    return number;
  }

  private keep(view: RevocationView): number {
    const key = JSON.stringify(view, (name, value: unknown) => {
      if (name === 'clock' || name === 'options') return undefined;
      if (ArrayBuffer.isView(value)) return (value as Int32Array).join();
      if (value instanceof Map) return [...value].sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
      return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
    });
    let number = this.numbers.get(key);
    if (number === undefined) {
      number = this.views.push(view) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }

  private real(view: number): RevocationView {
    return this.views[view] as RevocationView;
  }

  private copy(view: number): RevocationView {
    return copied(this.real(view), new Set<unknown>([this.clock, this.options]));
  }
}

const claims = (exp: number) =>
  ({ jti: 'j', sid: 's', gid: 'g', sub: 'u', client_id: 'c', gen: [1, 1], exp: (exp * TICK) / 1_000 }) as unknown as Parameters<Judge>[0];

/** With every private field, whatever the classes will be made of, and what is one object in two places is one in the copy; what is in `shared` is not copied. */
function copied<T>(value: T, shared: ReadonlySet<unknown>, made = new Map<unknown, unknown>()): T {
  if (typeof value !== 'object' || value === null || shared.has(value)) return value;
  const known = made.get(value);
  if (known !== undefined) return known as T;
  const keep = <C>(copy: C): C => {
    made.set(value, copy);
    return copy;
  };
  if (ArrayBuffer.isView(value)) return keep((value as unknown as Int32Array).slice()) as T;
  if (Array.isArray(value)) return keep(value.map((item) => copied(item, shared, made))) as T;
  if (value instanceof Map) return keep(new Map([...value].map(([key, item]) => [key, copied(item, shared, made)]))) as T;
  const copy = keep(Object.create(Object.getPrototypeOf(value) as object) as Record<string, unknown>);
  for (const [name, item] of Object.entries(value)) copy[name] = copied(item, shared, made);
  return copy as T;
}
