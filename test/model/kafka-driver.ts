import { type BroadcastState, type Outcome, onRead, onRecords, onTicket } from '#libs/event-log';
import type { Step } from './explore.js';
import type { KnownTicket } from './kafka-state.js';
import { brokerSteps, say, withKafka } from './kafka-world.js';
import type { Modelled } from './modelled.js';
import { answer, told } from './postgres-driver.js';
import { TICK } from './scope.js';
import { type Asked, databaseNow, monotonic, type State, wall } from './state.js';

/**
 * The Kafka driver's steps: a record comes, a ticket is sent for and comes, a read's answer comes; in any order, each of them whenever it
 * likes. When the log counts as not moving is left open: whichever the driver does, a probe or a read, has to be right.
 */
export function kafkaDriver(model: Modelled, s: State, steps: Step<State>[]): void {
  const { kafka, asked } = s;
  if (!kafka || !model.scope.kafka) return;
  brokerSteps(model, s, steps);
  if (!kafka.subscribed) {
    const may = model.rules.subscribesFirst || s.reader.complete !== null;
    if (may) steps.push({ label: 'the consumer subscribes, at the end', to: withKafka(s, { subscribed: true }) });
  } else if (kafka.unread[0]) consume(model, s, steps);
  if (asked === null) send(model, s, steps);
  else if (asked.ticket === null) ticketComes(model, s, asked, steps);
  else answerComes(model, s, asked, steps);
  if (asked !== null && !model.scope.calm) steps.push({ label: 'the reader’s connection breaks', to: { ...s, asked: null } });
}

const stateOf = (s: State): BroadcastState => ({ log: s.reader, ...(s.kafka?.seen as Omit<BroadcastState, 'log'>) });

function consume(model: Modelled, s: State, steps: Step<State>[]): void {
  const [record, ...unread] = s.kafka?.unread ?? [];
  if (!record) return;
  const now = model.views.readClock(monotonic(s), wall(s));
  const outcome = onRecords(stateOf(s), [record], now.monotonic, model.rules);
  steps.push(absorbed(model, withKafka(s, { unread }), outcome, `the reader gets ${say(record)}`));
}

function send(model: Modelled, s: State, steps: Step<State>[]): void {
  if (!s.registered && model.rules.registersFirst) return;
  const now = model.views.readClock(monotonic(s), wall(s));
  const asked: Asked = {
    ...{ monotonic: now.monotonic / TICK, wall: now.wall / TICK, sentAt: s.now, floor: s.reader.ticket },
    ...{ found: null, ticket: null, endedBefore: s.ended !== null, plan: null, result: null, owed: [] },
  };
  steps.push({ label: 'the reader sends for a ticket', to: { ...s, asked } });
}

function ticketComes(model: Modelled, s: State, asked: Asked, steps: Step<State>[]): void {
  const { db } = s;
  if ((!db.vouched || db.refused) && !model.rules.ticketsOfUnvouchedEpochs) return;
  const now = databaseNow(s) * TICK;
  const drawn = model.rules.readsPrimary ? db.ticket + 1 : db.ticket;
  const ticket: KnownTicket = {
    ...{ ticket: drawn, epoch: `e${db.epoch}`, dbTime: now, unpassedSince: now },
    ...{ sentAt: asked.sentAt, endedBefore: asked.endedBefore },
  };
  const sent = { at: { monotonic: asked.monotonic * TICK, wall: asked.wall * TICK }, floor: asked.floor };
  const answered = model.views.readClock(monotonic(s), wall(s));
  for (const stalled of [false, true]) {
    const rules = { ...model.rules, stalled: () => stalled };
    const outcome = onTicket(stateOf(s), sent, ticket, answered, model.horizonMs, rules);
    if (outcome.state.probes.length > (model.scope.kafka?.probes ?? 0)) continue;
    const what = outcome.plan
      ? `reads ${outcome.plan.read === 'after' ? 'what comes after its position' : `again (${outcome.plan.why ?? 'start'})`}`
      : 'waits';
    const to = { ...s, db: { ...db, ticket: drawn }, asked: outcome.plan ? { ...asked, ticket, plan: outcome.plan } : null };
    steps.push(absorbed(model, to, outcome, `the reader’s ticket ${drawn} is drawn; it ${what}`));
    if (outcome.plan && !stalled) return;
  }
}

function answerComes(model: Modelled, s: State, asked: Asked, steps: Step<State>[]): void {
  const { ticket, plan } = asked;
  if (!ticket || !plan) return;
  const result = answer(model, plan, model.rules.readsPrimary ? s.db : (s.kafka?.standby ?? s.db));
  const sent = { at: { monotonic: asked.monotonic * TICK, wall: asked.wall * TICK }, floor: asked.floor };
  const outcome = onRead(stateOf(s), plan, ticket, result, sent, model.horizonMs, model.rules);
  const records = result.records.map((r) => `${r.entry?.id ?? '?'}${r.pseq === null ? '' : ` as ${r.pseq}`}`).join(', ') || 'nothing';
  steps.push(absorbed(model, { ...s, asked: null }, outcome, `the read answers: ${records}; last ${result.lastNumbers.get(0)}`));
}

/** Entries first, then what the outcome says of them. */
function absorbed(model: Modelled, s: State, { state, entries, gap, proof }: Outcome, label: string): Step<State> {
  const { log, ...seen } = state;
  let to: State = entries.reduce((so, entry) => model.applied(so, entry), withKafka({ ...s, reader: log }, { seen }));
  if (gap !== null) to = told(model, to, gap);
  if (proof === null) return { label: gap === null ? label : `${label}: ${gap}`, to };
  const { sentAt, endedBefore, dbTime, unpassedSince } = proof.ticket as KnownTicket;
  const { view, taken } = model.views.prove(to.view, monotonic(s), wall(s), {
    ...{ sentMonotonic: proof.sent.monotonic, sentWall: proof.sent.wall, dbTime, unpassedSince },
  });
  to = { ...to, view, provenAt: taken ? Math.max(to.provenAt, sentAt) : to.provenAt };
  const lacks = taken && endedBefore && !model.views.refuses(to.view) && model.mayLive(to);
  const broken =
    lacks && model.checks('S4') ? 'S4: proven complete as of a ticket that was sent for after the end of s, and s is not in the set' : null;
  return { label: `${label}: proven as of ${sentAt}`, to, broken };
}
