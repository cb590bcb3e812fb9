import type { RevocationEntry } from '#libs/contracts';
import { NEW_READER } from '#libs/event-log';
import type { Machine, Step } from './explore.js';
import { kafkaDriver } from './kafka-driver.js';
import { newKafkaWorld, withOrderedTickets } from './kafka-world.js';
import type { Modelled } from './modelled.js';
import { epochSteps, ownerSteps } from './owner.js';
import { postgresDriver } from './postgres-driver.js';
import { issuerSteps, processSteps, timeSteps } from './process.js';
import { RealViews } from './real-view.js';
import { type Invariant, type Judge, RULES, type Rules } from './rules.js';
import { FOREVER, type Scope, TICK, X } from './scope.js';
import { encode, monotonic, type State, wall, withRankedTickets } from './state.js';

export type Driver = (model: Modelled, s: State, steps: Step<State>[]) => void;

export interface ModelOptions {
  scope: Scope;
  rules?: Partial<Rules>;
  /** All, unless said: a mutant is killed by the one it is about. */
  invariants?: readonly Invariant[];
  driver?: Driver;
}

export class Model implements Machine<State>, Modelled {
  readonly scope: Scope;
  readonly rules: Rules;
  readonly views: RealViews;
  readonly horizonMs: number;
  readonly tickMs = TICK;
  readonly start: State;
  private readonly driver: Driver;
  private readonly invariants: ReadonlySet<Invariant> | null;

  constructor({ scope, rules, invariants, driver }: ModelOptions) {
    this.scope = scope;
    this.rules = { ...RULES, ...rules };
    this.driver = driver ?? (scope.kafka ? kafkaDriver : postgresDriver);
    this.invariants = invariants ? new Set(invariants) : null;
    this.horizonMs = scope.horizon * TICK;
    this.views = new RealViews({ boundMs: X * TICK, horizonMs: this.horizonMs }, this.rules.clock);
    this.start = initial(this, this.views.empty);
  }

  encode(s: State): string {
    return encode(s);
  }

  next(s: State): Step<State>[] {
    const steps: Step<State>[] = [];
    ownerSteps(this, s, steps);
    epochSteps(this, s, steps);
    this.driver(this, s, steps);
    processSteps(this, s, steps);
    issuerSteps(this, s, steps);
    timeSteps(this, s, steps);
    return steps.map((step) => ({ ...step, to: step.to.kafka ? withOrderedTickets(step.to) : withRankedTickets(step.to) }));
  }

  checks(invariant: Invariant): boolean {
    return this.invariants === null || this.invariants.has(invariant);
  }

  /** An answer that is reached and sent at once can be given in every state. */
  broken(s: State): string | null {
    const active = this.verdict(s, 'first') === 'active' && (this.rules.judgeAtSend === null || this.verdict(s, 'again') === 'active');
    if (active) {
      const broken = this.brokenByActive(s);
      if (broken) return broken;
    }
    if (this.checks('kept') && s.held && !this.views.refuses(s.view) && this.mayLive(s)) {
      return 'kept: the entry of s has left the set while a token of s can live';
    }
    return null;
  }

  brokenByActive(s: State): string | null {
    if (this.checks('S1') && s.ended !== null && s.ended <= s.now - X) return `S1: active at ${s.now}, and s had ended at ${s.ended}`;
    if (this.checks('confirmed') && s.confirmation === 'confirmed') return 'confirmed: active after the end of s was confirmed';
    if (this.checks('S8') && (s.provenAt < 0 || s.now - s.provenAt >= X)) {
      return `S8: active at ${s.now}, ${s.provenAt < 0 ? 'without a proof' : `proven as of ${s.provenAt}`}`;
    }
    return null;
  }

  verdict(s: State, when: 'first' | 'again'): ReturnType<Judge> {
    const judge = when === 'first' ? this.rules.judge : (this.rules.judgeAtSend ?? this.rules.judge);
    return this.views.verdict(s.view, monotonic(s), wall(s), s.longest, judge);
  }

  applied(s: State, entry: RevocationEntry): State {
    const at = this.rules.entryAt(s, entry.at / TICK, this.scope.horizon) * TICK;
    const view = this.views.apply(s.view, { ...entry, at } as RevocationEntry);
    return { ...s, view, held: s.held || entry.id === 's' };
  }

  /** By the view's own reading of the owner's clock: what it would call expired is no matter. */
  mayLive(s: State): boolean {
    const now = this.views.ownerNow(s.view, monotonic(s), wall(s));
    return now === null || s.longest > now;
  }
}

function initial(model: Modelled, view: number): State {
  const { scope } = model;
  const { processRestarts, databaseRestarts, failOvers, restores, sleeps, wallSteps, skips } = scope;
  const db = { rows: [], last: 0, epoch: 0, ticket: 0, lag: 0, swept: 0, published: 0, vouched: true, refused: false };
  return {
    ...{ now: 0, slept: 0, wallMoved: 0, db, copy: null, witness: 0, relay: null, ended: null, endedEntryAt: 0, confirmation: 'none' },
    ...{
      registered: scope.kafka !== null && !scope.hints,
      view,
      provenAt: -1,
      held: false,
      pending: false,
      reader: { ...NEW_READER, ticket: scope.kafka ? 0 : 1 },
      asked: null,
      kafka: newKafkaWorld(model),
      request: null,
    },
    longest: scope.ttl === null ? FOREVER : 0,
    ...{ processRestarts, databaseRestarts, failOvers, restores, sleeps, wallSteps, skips },
  };
}
