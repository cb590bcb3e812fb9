import type { LogRecord, ReadPlan, ReadResult, Ticket } from '#libs/event-log';
import type { Step } from './explore.js';
import type { Modelled } from './modelled.js';
import { TICK } from './scope.js';
import { type Asked, databaseNow, monotonic, type Snapshot, type State, wall } from './state.js';

/**
 * The Postgres driver's step, cut at every await: sent, ticket drawn, rows found, answer absorbed; a connection may break at each. Another driver
 * is another function of this shape over the same owner and the same process.
 */
export function postgresDriver(model: Modelled, s: State, steps: Step<State>[]): void {
  const { asked } = s;
  if (asked === null) {
    begin(model, s, steps);
    return;
  }
  if ((asked.ticket || asked.found) && !model.scope.calm)
    steps.push({ label: 'the reader’s connection breaks', to: { ...s, asked: null } });
  if (asked.owed.length > 0) {
    const to = asked.owed.reduce((so, entry) => model.applied(so, entry), s);
    steps.push({ label: 'the reader tells its entries', to: { ...to, asked: null } });
  } else if (asked.result) absorbed(model, s, asked, asked.result, steps);
  else goesOn(model, s, asked, steps);
}

function goesOn(model: Modelled, s: State, asked: Asked, steps: Step<State>[]): void {
  if (asked.found === null && (asked.ticket !== null || !model.rules.readerDrawsFirst)) {
    const found: Snapshot = { rows: s.db.rows, last: s.db.last };
    if (asked.ticket) answers(model, s, { ...asked, found }, steps);
    else steps.push({ label: 'the reader’s snapshot is taken', to: { ...s, asked: { ...asked, found } } });
  }
  if (asked.ticket === null && (model.rules.readerDrawsFirst || asked.found)) draw(model, s, asked, steps);
  else if (asked.ticket && asked.found) answers(model, s, asked, steps);
}

function begin(model: Modelled, s: State, steps: Step<State>[]): void {
  if (!s.registered && model.rules.registersFirst) return;
  const now = model.views.readClock(monotonic(s), wall(s));
  const asked: Asked = {
    ...{ monotonic: now.monotonic / TICK, wall: now.wall / TICK, sentAt: s.now, floor: 0 },
    ...{ found: null, ticket: null, endedBefore: false, plan: null, result: null, owed: [] },
  };
  steps.push({ label: 'the reader sends for a ticket', to: { ...s, asked } });
}

function draw(model: Modelled, s: State, asked: Asked, steps: Step<State>[]): void {
  const { db } = s;
  if ((!db.vouched || db.refused) && !model.rules.ticketsOfUnvouchedEpochs) return;
  const now = databaseNow(s) * TICK;
  const ticket: Ticket = { ticket: db.ticket + 1, epoch: `e${db.epoch}`, dbTime: now, unpassedSince: now };
  const plan = model.rules.planRead(s.reader, ticket, model.views.readClock(monotonic(s), wall(s)), model.horizonMs);
  const to = { ...s, db: { ...db, ticket: ticket.ticket }, asked: { ...asked, ticket, plan, endedBefore: s.ended !== null } };
  const label = `the reader’s ticket is drawn; it reads ${plan.read === 'after' ? 'what comes after its position' : `again (${plan.why ?? 'start'})`}`;
  steps.push({ label, to: plan.read === 'since' && plan.why !== null ? told(model, to, plan.why) : to });
}

function answers(model: Modelled, s: State, asked: Asked, steps: Step<State>[]): void {
  const { plan, found } = asked;
  if (!plan || !found) return;
  const result = answer(model, plan, found);
  const records = result.records.map((r) => `${r.entry?.id ?? '?'}${r.pseq === null ? '' : ` as ${r.pseq}`}`).join(', ') || 'nothing';
  const label = `the reader’s rows are found: ${records}; last ${result.lastNumbers.get(0)}`;
  steps.push({ label, to: { ...s, asked: { ...asked, found: null, result } } });
  if (s.skips === 0 || plan.read !== 'after') return;
  for (const lost of result.records.filter((record) => record.pseq !== null)) {
    const short = { ...result, records: result.records.filter((record) => record !== lost) };
    const to = { ...s, skips: s.skips - 1, asked: { ...asked, found: null, result: short } };
    steps.push({ label: `the answer to the reader lacks ${lost.entry?.id}, number ${lost.pseq}`, to });
  }
}

/** What the one statement of `readRevocations` finds. */
export function answer(model: Modelled, plan: ReadPlan, { rows, last }: Snapshot): ReadResult {
  const committed = model.rules.found(rows.filter((row) => row.committed));
  const wanted = committed.filter((row) => {
    if (row.pseq === null) return true;
    return plan.read === 'after' ? row.pseq > (plan.positions.get(0) ?? 0) : row.at * TICK >= plan.since;
  });
  const records = wanted.map((row): LogRecord => {
    const at = row.at * TICK;
    const readable = !(model.scope.unreadable && row.what === 's');
    return { partition: 0, pseq: row.pseq, at, entry: readable ? { kind: 'session', id: row.what, at } : null };
  });
  return { records: model.rules.records(records), lastNumbers: new Map([[0, last]]) };
}

function absorbed(model: Modelled, s: State, asked: Asked, result: ReadResult, steps: Step<State>[]): void {
  const { ticket, plan } = asked;
  if (!ticket || !plan) return;
  const { rules, views } = model;
  const sent = { monotonic: asked.monotonic * TICK, wall: asked.wall * TICK };
  const outcome = rules.absorb(s.reader, plan, ticket, result, sent, model.horizonMs);
  let to: State = { ...s, reader: outcome.state, asked: null };
  let proven = false;
  for (const telling of rules.tellings(outcome, ticket, sent)) {
    if (telling.tell === 'entries') {
      if (rules.entriesBeforeProof) to = telling.entries.reduce((so, entry) => model.applied(so, entry), to);
      else to = { ...to, asked: { ...asked, found: null, ticket: null, plan: null, result: null, owed: telling.entries } };
    } else if (telling.tell === 'gap') to = told(model, to, telling.reason);
    else {
      // A proof that the view does not take says nothing: it came too late, or is older than what is known.
      const { view, taken } = views.prove(to.view, monotonic(s), wall(s), telling.proof);
      proven = taken;
      to = { ...to, view, provenAt: taken ? Math.max(to.provenAt, asked.sentAt) : to.provenAt };
    }
  }
  const lacks = proven && asked.endedBefore && !views.refuses(to.view) && model.mayLive(to);
  const broken =
    lacks && model.checks('S4') ? 'S4: proven complete as of a ticket that was drawn after the end of s, and s is not in the set' : null;
  steps.push({ label: `the reader absorbs the answer: ${outcome.gap ?? 'complete'}`, to, broken });
}

export function told(model: Modelled, s: State, reason: string): State {
  return { ...s, view: model.views.gap(s.view, monotonic(s), wall(s), reason), provenAt: -1 };
}
