import type { SimulatedClock } from './clock.js';
import type { Random } from './random.js';

/**
 * test/simulation owns the seeded run of the services' cores. A place is where something outside the process would answer: a statement, a
 * request, an answer, a timer. Between two places the code runs alone, so a seed that picks the next place decides the whole history.
 */
export interface Process {
  readonly name: string;
  readonly incarnation: number;
  alive: boolean;
  paused: boolean;
  /** Told when it dies: whoever waits for its answer. */
  readonly mourners: Set<() => void>;
}

interface Place {
  process: Process;
  what: string;
  /** Simulated time before which nobody arrives here: a delay, a timer. */
  from: number;
  go: () => void;
}

/** A statement that the server has. `waits`: for a lock, as the server itself says. */
interface Statement {
  process: Process;
  what: string;
  backend: () => number | null;
  outcome: (() => void) | null;
  settled: Promise<void>;
  waits: boolean;
  /** For whatever part of its life. */
  waited: boolean;
  /** Its end may let others go on. */
  releases: boolean;
}

const immediate = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const realTimeout = setTimeout;
const LOOK_AFTER_MS = 2;

export class Scheduler {
  readonly history: string[] = [];
  steps = 0;
  private places: Place[] = [];
  private statements: Statement[] = [];
  /** Since the last look somebody's transactions were rolled back. */
  private killed = false;

  constructor(
    readonly random: Random,
    readonly clock: SimulatedClock,
    /** Backends that wait for a lock at this moment. */
    private readonly waiting: () => Promise<ReadonlySet<number>>,
  ) {}

  note(text: string): void {
    this.history.push(`${String(this.steps).padStart(4)} ${String(this.clock.now).padStart(8)} ${text}`);
  }

  /** Resolves when it is this place's turn; never, if its process dies before. */
  turn(process: Process, what: string, afterMs = 0): Promise<void> {
    return new Promise((resolve) => {
      if (process.alive) this.places.push({ process, what, from: this.clock.now + afterMs, go: resolve });
    });
  }

  /** A timer. Answers how to stop it. */
  later(process: Process, what: string, afterMs: number, work: () => void): () => void {
    const place: Place = { process, what, from: this.clock.now + afterMs, go: work };
    if (process.alive) this.places.push(place);
    return () => {
      this.places = this.places.filter((other) => other !== place);
    };
  }

  /** What the server is doing for a process. Its answer is handed over by the scheduler, in the order of the questions. */
  answer<T>(process: Process, what: string, backend: () => number | null, work: Promise<T>, releases = false): Promise<T> {
    return new Promise((resolve, reject) => {
      const statement: Statement = {
        process,
        what,
        backend,
        outcome: null,
        waits: false,
        waited: false,
        releases,
        settled: Promise.resolve(),
      };
      statement.settled = work.then(
        (value) => {
          statement.outcome = () => resolve(value);
        },
        (error: unknown) => {
          statement.outcome = () => reject(error);
        },
      );
      this.statements.push(statement);
    });
  }

  /** What could happen next. */
  private ready(): Place[] {
    return this.places.filter(({ process, from }) => !process.paused && from <= this.clock.now);
  }

  get idle(): boolean {
    return this.places.length === 0 && this.statements.length === 0;
  }

  get busy(): readonly string[] {
    return [...this.places, ...this.statements].map(({ process, what }) => `${process.name}: ${what}`);
  }

  /** When the earliest delay is over; null: nothing is delayed. */
  get nextArrival(): number | null {
    const times = this.places.filter(({ process }) => !process.paused).map(({ from }) => from);
    return times.length > 0 ? Math.min(...times) : null;
  }

  /** One place, picked by the seed. False: nobody can move. */
  async step(): Promise<boolean> {
    const ready = this.ready();
    if (ready.length === 0) return this.untangle();
    const place = this.random.pick(ready);
    this.places.splice(this.places.indexOf(place), 1);
    this.steps++;
    this.note(`${place.process.name} ${place.what}`);
    place.go();
    await this.settle();
    return true;
  }

  /** Runs everything up to its next place. */
  async settle(): Promise<void> {
    for (;;) {
      await immediate();
      if (this.statements.length === 0) return;
      await this.known();
      const at = this.statements.findIndex(({ outcome }) => outcome !== null);
      if (at === -1) return;
      const [done] = this.statements.splice(at, 1);
      if (done?.waited) this.note(`${done.process.name} got its lock: ${done.what}`);
      done?.outcome?.();
    }
  }

  /** It is as if the machine lost its power: what it waits for never comes. The backends of its statements. */
  kill(process: Process): void {
    process.alive = false;
    this.killed = true;
    this.places = this.places.filter((place) => place.process !== process);
    this.statements = this.statements.filter((statement) => statement.process !== process);
    for (const mourn of process.mourners) mourn();
  }

  /** Until every statement has its answer or waits for a lock, all in one look: then nobody at the server moves by itself. */
  private async known(): Promise<void> {
    for (;;) {
      const running = this.statements.filter(({ outcome, waits }) => outcome === null && !waits);
      if (running.length > 0) await Promise.race([...running.map(({ settled }) => settled), shortly()]);
      const stuck = running.some(({ outcome }) => outcome === null);
      if (stuck && running.some(({ outcome }) => outcome !== null)) continue;
      const open = this.statements.filter(({ outcome }) => outcome === null);
      if (open.length === 0 || !(stuck || this.mayHaveMoved())) return;
      const waiting = await this.waiting();
      const still = this.statements.filter(({ outcome }) => outcome === null);
      for (const statement of still) {
        const waits = waiting.has(statement.backend() ?? -1);
        if (waits && !statement.waited) this.note(`${statement.process.name} waits for a lock: ${statement.what}`);
        statement.waited ||= waits;
        // Once it has moved it runs until the next look says otherwise, and others may move after it.
        statement.waits = waits;
        statement.releases ||= !waits;
      }
      if (still.every(({ waits }) => waits)) {
        this.killed = false;
        return;
      }
    }
  }

  /** Whoever waits is looked at again only when somebody has let go of something. */
  private mayHaveMoved(): boolean {
    return this.killed || this.statements.some(({ outcome, releases, waits }) => outcome !== null && (releases || waits));
  }

  /** Everybody waits for a lock: the server notices a deadlock by itself and gives one of them an error. */
  private async untangle(): Promise<boolean> {
    if (this.statements.length === 0) return false;
    if (this.places.some(({ process }) => process.paused)) return false;
    if (this.places.length > 0) return false;
    await Promise.race(this.statements.map(({ settled }) => settled));
    await this.settle();
    return true;
  }
}

function shortly(): Promise<void> {
  return new Promise((resolve) => realTimeout(resolve, LOOK_AFTER_MS));
}
