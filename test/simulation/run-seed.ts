import { createHash } from 'node:crypto';
import { problemOf } from '#libs/http';
import { Agents } from './agents.js';
import type { Bench } from './bench.js';
import { borrowRuntime } from './borrowed-runtime.js';
import { SimulatedClock } from './clock.js';
import { type BrokerFaults, type Produced, SimulatedBroker } from './kafka/broker.js';
import { type Faults, Network } from './network.js';
import { authPart } from './parts/auth-part.js';
import { introspectPart } from './parts/introspect-part.js';
import type { Ground, Running, Tampering } from './parts/parts.js';
import { sessionPart } from './parts/session-part.js';
import { tokenPart } from './parts/token-part.js';
import { Random } from './random.js';
import { type Process, Scheduler } from './scheduler.js';
import type { Rewrite } from './simulated-database.js';
import { Watch } from './watch.js';

export interface Mutant {
  rewrite?: Rewrite;
  tamper?: Tampering;
}

export interface SeedResult {
  seed: number;
  broken: string[];
  history: string[];
  steps: number;
  /** Equal in two runs of one seed. */
  fingerprint: string;
}

const SERVICES = { auth: authPart, session: sessionPart, token: tokenPart, introspect: introspectPart } as const;
type Service = keyof typeof SERVICES;
const NAMES = Object.keys(SERVICES) as Service[];
const AGENTS = ['ann', 'ben', 'cleo'];
const FAULTS: Faults = { lost: 0.02, hintLost: 0.02, answerLost: 0.04, twice: 0.03, delayed: 0.06, slow: 0.03 };
const NONE: Faults = { lost: 0, hintLost: 0, answerLost: 0, twice: 0, delayed: 0, slow: 0 };
const HINTS_LOST_WITH_KAFKA = 0.5;
const BROKER_FAULTS: BrokerFaults = { refused: 0.03, ackLost: 0.04, delayed: 0.1, fetchDelayed: 0.3, vanishes: 0.08, twice: 0.04 };
const NO_BROKER_FAULTS: BrokerFaults = { refused: 0, ackLost: 0, delayed: 0, fetchDelayed: 0, vanishes: 0, twice: 0 };
const MOST_STEPS = 1_500;
const MOST_STEPS_WITH_KAFKA = 3_000;
/** How often, in parts. */
const CHORES: readonly [number, Service, string][] = [
  [5, 'introspect', 'read'],
  [2, 'token', 'read'],
  [1, 'introspect', 'renew'],
  [1, 'token', 'renew'],
  [1, 'auth', 'relay'],
  [1.5, 'session', 'relay'],
  [1, 'token', 'relay'],
  [1, 'session', 'reap'],
  [1, 'session', 'deliver'],
  [1, 'session', 'follow auth'],
  [1, 'token', 'follow auth'],
  [1, 'token', 'follow session'],
];
const KAFKA_CHORES: typeof CHORES = [
  ...CHORES,
  [0.5, 'auth', 'relay'],
  [1.5, 'session', 'relay'],
  [1, 'token', 'relay'],
  [0.5, 'auth', 'publish'],
  [0.5, 'session', 'publish'],
  [0.5, 'token', 'publish'],
  [1, 'introspect', 'join'],
  [1, 'token', 'join'],
];
const CALM = ['renew', 'follow auth', 'reap', 'relay', 'follow auth', 'relay', 'follow session'];
/** What the broker lost is asked of the database when nothing has come for a while. */
const CALM_WITH_KAFKA = [
  ...['renew', 'join', 'relay', 'publish', 'follow auth', 'wait', 'follow auth', 'reap', 'relay', 'publish', 'follow auth'],
  ...['follow session', 'wait', 'follow auth', 'follow session'],
];
const QUIET_MS = 2_500;
/** Longer than any lease. */
const LEASES_MS = 6_000;
const SESSION_LIFE_MS = 600_000;

export async function runSeed(bench: Bench, seed: number, mutant: Mutant = {}): Promise<SeedResult> {
  const clock = new SimulatedClock();
  const random = new Random(seed);
  const scheduler = new Scheduler(random, clock, () => bench.waiting());
  await bench.clear(clock);
  const world = new SimulatedWorld(bench, scheduler, mutant);
  await borrowRuntime(scheduler, new Random(seed ^ 0x5bd1e995), clock, () => world.run());
  const fingerprint = createHash('sha256').update(scheduler.history.join('\n')).digest('hex');
  return { seed, broken: world.broken, history: scheduler.history, steps: scheduler.steps, fingerprint };
}

class SimulatedWorld {
  private readonly ground: Ground;
  private readonly running = new Map<Service, Running>();
  private readonly busy = new Set<string>();
  private readonly world: Process = { name: 'world', incarnation: 0, alive: true, paused: false, mourners: new Set() };
  private readonly agents: Agents;
  private acting = AGENTS.length;
  private incarnations = 0;
  private isCalm = false;
  private readonly faults = { ...NONE };
  private readonly brokerFaults = { ...NO_BROKER_FAULTS };

  constructor(
    private readonly bench: Bench,
    private readonly scheduler: Scheduler,
    mutant: Mutant,
  ) {
    const partitions = bench.kafkaPartitions;
    const watch = new Watch(scheduler, bench.keys, () => bench.look(), partitions !== null);
    const rules = watch.published;
    const seen = { appended: (at: Produced) => rules.onAppended(at), acknowledged: (at: Produced) => rules.onAcknowledged(at) };
    const broker = new SimulatedBroker(scheduler, this.brokerFaults, seen);
    const kafka = partitions === null ? null : { broker, partitions };
    const network = new Network(scheduler, this.faults, (error) => watch.violate(`an error that no boundary knows: ${describe(error)}`));
    const { rewrite = (text: string) => text, tamper = {} } = mutant;
    this.ground = {
      scheduler,
      network,
      watch,
      kafka,
      rewrite,
      tamper,
      clock: scheduler.clock,
      connections: bench.connections,
      keys: bench.keys,
    };
    network.hosts.set('receivers', { process: this.world, handlers: new Map([['logout', async () => this.receive()]]) });
    this.agents = new Agents(this.ground, this.world);
  }

  get broken(): string[] {
    return this.ground.watch.broken;
  }

  async run(): Promise<void> {
    for (const name of NAMES) this.start(name);
    await this.drain();
    for (const part of this.running.values()) this.work(part, 'read');
    const begun = this.agents.begin();
    await this.drain();
    await begun;
    Object.assign(this.faults, FAULTS, this.ground.kafka ? { hintLost: HINTS_LOST_WITH_KAFKA } : {});
    Object.assign(this.brokerFaults, BROKER_FAULTS);
    for (const name of AGENTS) void this.agents.act(name, 2).finally(() => this.acting--);
    await this.scheduler.settle();
    while (this.acting > 0 && this.scheduler.steps < this.most && this.broken.length === 0) {
      this.happen();
      await this.misfortune();
      await this.move();
    }
    if (this.broken.length === 0) await this.calm();
    for (const name of NAMES) await this.stop(name, 'at the end of the seed');
    await this.bench.tell(this.scheduler.clock);
  }

  private get most(): number {
    return this.ground.kafka ? MOST_STEPS_WITH_KAFKA : MOST_STEPS;
  }

  private get random(): Random {
    return this.scheduler.random;
  }

  private async move(): Promise<void> {
    await this.bench.tell(this.scheduler.clock);
    if (!(await this.scheduler.step())) this.wait();
    await this.ground.watch.check();
  }

  /** Nobody can go on now: time passes until somebody can, or a timer starts something. */
  private wait(): void {
    const { nextArrival, clock } = this.scheduler;
    for (const { process } of this.running.values()) if (process.paused && this.random.chance(0.5)) this.resume(process);
    if (nextArrival !== null && nextArrival > clock.now) clock.now = nextArrival;
    else this.chore();
  }

  /** Between two steps: time, chores, and what goes wrong. */
  private happen(): void {
    const { random } = this;
    const { clock } = this.scheduler;
    if (random.chance(0.12)) clock.now += random.below(80);
    if (random.chance(0.006)) clock.now += random.below(2_500);
    if (random.chance(0.001)) clock.now += random.below(SESSION_LIFE_MS + 60_000);
    if (random.chance(this.ground.kafka ? 0.15 : 0.1)) this.chore();
    this.ground.kafka?.broker.happen();
    if (random.chance(0.01)) this.pauseSomebody();
    if (random.chance(0.08)) for (const { process } of this.running.values()) if (process.paused) this.resume(process);
  }

  /** A process dies. It may be back at once, or when a chore of its is due. */
  private async misfortune(): Promise<void> {
    const name = this.victim();
    if (!name) return;
    await this.stop(name, 'and loses its memory');
    await this.scheduler.settle();
    if (this.random.chance(0.5)) this.start(name);
  }

  /** With Kafka, rather whoever follows events: what it had committed and what it had handled differ only then. */
  private victim(): Service | null {
    const { random } = this;
    if (random.chance(0.004)) return random.pick(NAMES);
    if (!this.ground.kafka) return null;
    const following = NAMES.filter((name) => [...this.busy].some((id) => id.startsWith(`${name} ${this.incarnation(name)} follow`)));
    return following.length > 0 && random.chance(0.015) ? random.pick(following) : null;
  }

  private incarnation(name: Service): number | undefined {
    return this.running.get(name)?.process.incarnation;
  }

  /** A timer of some service comes round; a service that is down comes back. */
  private chore(): void {
    const chores = this.ground.kafka ? KAFKA_CHORES : CHORES;
    let at = this.random.next() * chores.reduce((sum, [weight]) => sum + weight, 0);
    for (const [weight, name, what] of chores) {
      at -= weight;
      if (at > 0) continue;
      const part = this.running.get(name);
      if (part) this.work(part, what);
      else this.start(name);
      return;
    }
  }

  private work(part: Running, what: string): void {
    const id = `${part.process.name} ${part.process.incarnation} ${what}`;
    const work = part.chores[what];
    if (!work || this.busy.has(id)) return;
    this.busy.add(id);
    this.scheduler.note(`${part.process.name} begins to ${what}`);
    void work()
      .catch((error: unknown) => {
        if (problemOf(error).unexpected) this.ground.watch.violate(`${part.process.name} could not ${what}: ${describe(error)}`);
      })
      .finally(() => this.busy.delete(id));
  }

  private start(name: Service): void {
    const process: Process = { name, incarnation: ++this.incarnations, alive: true, paused: false, mourners: new Set() };
    const skew = this.random.pick([0, 0, 300_000, -300_000]);
    const part = SERVICES[name](this.ground, process, skew);
    this.running.set(name, part);
    this.ground.network.hosts.set(name, part);
    this.scheduler.note(`${name} starts`);
    if (part.views) this.work(part, 'renew');
  }

  private async stop(name: Service, why: string): Promise<void> {
    const part = this.running.get(name);
    if (!part) return;
    this.scheduler.note(`${name} stops ${why}`);
    this.running.delete(name);
    this.scheduler.kill(part.process);
    this.ground.kafka?.broker.forget(part.process);
    for (const connections of Object.values(this.bench.connections))
      await connections.abandon(part.process, (backend) => this.bench.cancel(backend));
  }

  private pauseSomebody(): void {
    const part = this.running.get(this.random.pick(NAMES));
    if (!part || part.process.paused) return;
    part.process.paused = true;
    this.scheduler.note(`${part.process.name} is paused`);
  }

  private resume(process: Process): void {
    process.paused = false;
    this.scheduler.note(`${process.name} goes on`);
  }

  private receive(): number {
    return this.isCalm || this.random.chance(0.8) ? 204 : 503;
  }

  /** Nothing goes wrong any more: what was left over is finished, and then everything must be true everywhere (L1, L3, S2). */
  private async calm(): Promise<void> {
    Object.assign(this.faults, NONE);
    Object.assign(this.brokerFaults, NO_BROKER_FAULTS);
    this.ground.kafka?.broker.calm();
    this.isCalm = true;
    this.scheduler.note('it is calm');
    for (const name of NAMES) if (!this.running.has(name)) this.start(name);
    for (const { process } of this.running.values()) if (process.paused) this.resume(process);
    await this.drain();
    this.scheduler.clock.now += LEASES_MS;
    for (const chore of this.ground.kafka ? CALM_WITH_KAFKA : CALM) {
      if (chore === 'wait') this.scheduler.clock.now += QUIET_MS;
      else await this.round([chore]);
    }
    for (let tries = 0; tries < 8 && this.pending(); tries++) {
      this.scheduler.clock.now += tries * 60_000;
      await this.round(['deliver']);
    }
    for (const chore of ['relay', 'read', ...(this.ground.kafka ? ['relay', 'publish'] : [])]) await this.round([chore]);
    if (this.broken.length === 0) await this.agents.settleAccounts(() => this.drain());
  }

  private pending(): boolean {
    return this.ground.watch.seen.deliveries.some(({ state }) => state === 'pending');
  }

  private async round(chores: readonly string[]): Promise<void> {
    for (const part of this.running.values()) for (const chore of chores) this.work(part, chore);
    await this.drain();
  }

  /** Until nobody has anything to do, whatever time it takes. */
  private async drain(): Promise<void> {
    for (let steps = 0; steps < this.most; steps++) {
      await this.scheduler.settle();
      await this.ground.watch.check();
      if (this.scheduler.idle || this.broken.length > 0) return;
      const { nextArrival, clock } = this.scheduler;
      if (nextArrival !== null && nextArrival > clock.now) clock.now = nextArrival;
      await this.bench.tell(clock);
      await this.scheduler.step();
    }
    this.ground.watch.violate(`it does not come to rest: ${this.scheduler.busy.join('; ')}`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
