import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { CLIENTS, type ClientId, usernames } from './chaos-config.js';
import type { Deeds } from './deeds.js';
import type { Grant, Life } from './lives.js';
import type { Pages } from './pages.js';
import type { Random } from './random.js';

export interface DriverOptions {
  readonly boundMs: number;
  /** Deeds begun per second; what an end brings with it comes on top. */
  readonly rate: number;
  /** Sessions that are kept alive. */
  readonly alive: number;
}

const AT_ONCE = 48;
/** How long a verdict is asked for again before its absence is a finding: longer than a member may take to be ready again. */
const VERDICT_MS = 200_000;
const AGAIN_MS = 250;

/** Keeps people signing in, refreshing, being asked about and signing out, until it is told to stop; then sees each life to its proof. */
export class Driver {
  readonly lives = new Set<Life>();
  /** Our own mistakes: what a deed meets in the cluster is in the history. */
  readonly errors: unknown[] = [];
  private readonly work = new Set<Promise<void>>();
  private readonly users = new Map<string, Promise<unknown>>();
  private stopping = false;

  constructor(
    private readonly cluster: Cluster,
    private readonly deeds: Deeds,
    private readonly pages: Pages,
    private readonly random: Random,
    private readonly options: DriverOptions,
  ) {}

  /** Runs until stop(). */
  async run(): Promise<void> {
    while (!this.stopping) {
      if (this.work.size < AT_ONCE) this.begin(this.next());
      await delay(1_000 / this.options.rate);
    }
  }

  stop(): void {
    this.stopping = true;
  }

  /** When what was begun is over, proofs included. */
  async settled(): Promise<void> {
    while (this.work.size > 0) await Promise.all(this.work);
  }

  /** Nothing is broken any more: whatever was not ended must be shown to live. */
  async proveAlive(): Promise<void> {
    const grants = [...this.lives].filter(({ ending }) => !ending).flatMap((life) => life.grants.map((grant) => ({ life, grant })));
    const next = async () => {
      for (let one = grants.pop(); one; one = grants.pop()) {
        await this.refresh(one.life, one.grant);
        await this.askUntilVerdict(one.life, one.grant.tokens.at(-1), this.random.of(this.instances()));
      }
    };
    await Promise.all(Array.from({ length: 8 }, next));
  }

  private begin(deed: Promise<void>): void {
    const done: Promise<void> = deed.catch((error: unknown) => void this.errors.push(error)).finally(() => this.work.delete(done));
    this.work.add(done);
  }

  private next(): Promise<void> {
    const alive = [...this.lives].filter(({ ending, grants }) => !ending && grants.length > 0);
    const life = this.random.of(alive);
    const dice = this.random.next();
    if (!life || dice < (alive.length < this.options.alive ? 0.35 : 0.1)) return this.signIn();
    if (dice < 0.65) return this.ask(life);
    if (dice < 0.82 || alive.length < this.options.alive / 2) return this.refresh(life, this.random.of(life.grants));
    return this.end(life);
  }

  private async signIn(): Promise<void> {
    const user = this.random.of(usernames) ?? '';
    const [client, second] = this.random.shuffled(CLIENTS) as [ClientId, ClientId];
    const [byPages, both] = [this.random.chance(0.15), this.random.chance(0.4)];
    await this.alone(user, async () => {
      const life = byPages ? await this.pages.signIn(user, client) : await this.deeds.startSession(user);
      if (!life) return;
      for (const one of byPages ? [] : both ? [client, second] : [client]) {
        const code = await this.deeds.issueCode(life, one);
        if (code !== null) await this.deeds.exchange(life, one, code);
      }
      this.lives.add(life);
    });
  }

  private async ask(life: Life): Promise<void> {
    const token = this.random.of(life.grants.flatMap(({ tokens }) => tokens));
    const at = this.random.of(this.instances());
    if (!token) return;
    if (this.random.chance(0.1)) await this.deeds.userinfo(life, token);
    else if (at) await this.deeds.introspect(life, token, at);
  }

  /** The same token until there is a verdict: what was lost is not lost for good. */
  private async refresh(life: Life, grant: Grant | undefined): Promise<void> {
    if (!grant || grant.busy) return;
    grant.busy = true;
    const deadline = performance.now() + VERDICT_MS;
    while (performance.now() < deadline) {
      const outcome = await this.deeds.refresh(life, grant);
      if (outcome === 'ok' || outcome === 'refused' || outcome === 'undeclared') break;
      await delay(AGAIN_MS);
    }
    grant.busy = false;
  }

  /** By one of three ways, with token requests that overlap it, until it is acknowledged. */
  private async end(life: Life): Promise<void> {
    const dice = this.random.next();
    if (dice < 0.15) return this.endUser(life.user);
    life.ending = true;
    const racing = this.random.chance(0.6) ? await this.race(life) : [];
    const logout = life.browser !== null && this.random.chance(0.6) ? life.grants[0] : undefined;
    await this.untilAcknowledged(() => (logout ? this.pages.signOut(life, logout) : this.deeds.endByOperator(life)));
    const acknowledgedAt = performance.now();
    await this.prove(life, acknowledgedAt, racing);
  }

  /** The user signs in nowhere meanwhile, so that it is known which sessions there were. */
  private async endUser(user: string): Promise<void> {
    const proofs = await this.alone(user, async () => {
      const these = [...this.lives].filter((life) => life.user === user && !life.ending);
      for (const life of these) life.ending = true;
      const racing = await Promise.all(these.map((life) => this.race(life)));
      const sids = these.map(({ sid }) => sid);
      await this.untilAcknowledged(() => this.deeds.endAllOf(user, sids));
      const acknowledgedAt = performance.now();
      return these.map((life, n) => () => this.prove(life, acknowledgedAt, racing[n] ?? []));
    });
    await Promise.all(proofs.map((proof) => proof()));
  }

  /** Starts token requests that the end will overlap; they are under way when this resolves. */
  private async race(life: Life): Promise<Promise<void>[]> {
    const client = this.random.of(CLIENTS) ?? 'shop';
    const code = this.random.chance(0.5) ? await this.deeds.issueCode(life, client) : null;
    return [...(code === null ? [] : [this.deeds.exchange(life, client, code)]), this.refreshOnce(life, this.random.of(life.grants))];
  }

  private async refreshOnce(life: Life, grant: Grant | undefined): Promise<void> {
    if (!grant || grant.busy) return;
    grant.busy = true;
    await this.deeds.refresh(life, grant);
    grant.busy = false;
  }

  private async untilAcknowledged(end: () => Promise<string>): Promise<void> {
    const deadline = performance.now() + VERDICT_MS;
    while (performance.now() < deadline) {
      const outcome = await end().catch(() => 'unknown');
      if (['ok', 'already', 'accepted', 'undeclared'].includes(outcome)) return;
      await delay(AGAIN_MS);
    }
  }

  /** At once, and again after the bound: every token of the session, at every instance, until there is a verdict. */
  private async prove(life: Life, acknowledgedAt: number, racing: readonly Promise<void>[]): Promise<void> {
    const first = life.grants[0]?.tokens.at(-1);
    await Promise.all([
      ...this.instances().map((at) => this.askUntilRefused(life, first, at, acknowledgedAt + this.options.boundMs)),
      ...life.grants.map((grant) => this.refreshOnce(life, grant)),
    ]);
    await Promise.all(racing);
    while (life.grants.some(({ busy }) => busy)) await delay(AGAIN_MS);
    // A timer may be a little early, and a proof must not.
    const wait = acknowledgedAt + this.options.boundMs + 25 - performance.now();
    if (wait > 0) await delay(wait);
    const tokens = life.grants.flatMap((grant) => grant.tokens);
    for (const token of tokens) await Promise.all(this.instances().map((at) => this.askUntilVerdict(life, token, at)));
    if (first) await this.deeds.userinfo(life, first);
    this.lives.delete(life);
  }

  private async askUntilRefused(life: Life, token: Grant['tokens'][number] | undefined, at: Instance, untilAt: number): Promise<void> {
    while (token && performance.now() < untilAt) {
      if ((await this.deeds.introspect(life, token, at)) === 'inactive') return;
      await delay(20);
    }
  }

  private async askUntilVerdict(life: Life, token: Grant['tokens'][number] | undefined, at: Instance | undefined): Promise<void> {
    const deadline = performance.now() + VERDICT_MS;
    while (token && at && performance.now() < deadline) {
      const outcome = await this.deeds.introspect(life, token, at);
      if (outcome === 'active' || outcome === 'inactive') return;
      await delay(AGAIN_MS);
    }
  }

  private instances(): Instance[] {
    return this.cluster.of('introspect');
  }

  /** One at a time of those that would not know of each other: signing in, and ending all of a user. */
  private async alone<T>(user: string, deed: () => Promise<T>): Promise<T> {
    const before = this.users.get(user) ?? Promise.resolve();
    const mine = before.then(deed, deed);
    this.users.set(
      user,
      mine.catch(() => undefined),
    );
    return mine;
  }
}

interface Instance {
  readonly name: string;
  readonly publicUrl: string;
}
