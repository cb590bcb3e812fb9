import type { Step } from './explore.js';
import { inFlight, mayRelay, owesWatermark } from './kafka-world.js';
import type { Modelled } from './modelled.js';
import { LAG, OPEN_MAX } from './scope.js';
import { type Database, databaseNow, endIsCommitted, type RelayRun, type Row, type State } from './state.js';

/** The owner's side: transactions, the relay's step at each of its statements, retention. */
export function ownerSteps(model: Modelled, s: State, steps: Step<State>[]): void {
  transactions(model, s, steps);
  const relaying: Step<State>[] = [];
  if (s.relay) relayGoesOn(model, s, s.relay, relaying);
  else if (relayHasWork(model, s) && (s.db.vouched || model.rules.numbersUnvouchedEpochs)) {
    relayGoesOn(model, s, { before: null, ticket: 0, found: null, plan: null, marked: false }, relaying);
  }
  steps.push(...(model.scope.calm ? relaying.map((step) => atOnce(model, step)) : relaying));
  if (model.scope.keep !== null) sweep(s, model.rules.keep(model.scope.keep), steps);
}

function relayHasWork(model: Modelled, s: State): boolean {
  return mayRelay(model, s) && (s.db.rows.some((row) => row.committed && row.pseq === null) || owesWatermark(s));
}

/** An end and what it publishes are one transaction; another instance's may be open meanwhile. */
function transactions(model: Modelled, s: State, steps: Step<State>[]): void {
  if (s.db.refused) return;
  const open = (what: Row['what']) => !s.db.rows.some((row) => row.what === what) && (what === 's' ? s.ended === null : true);
  for (const what of model.scope.other ? (['s', 'b'] as const) : (['s'] as const)) {
    if (!open(what) || s.db.swept > 0) continue;
    const id = (s.db.rows.at(-1)?.id ?? 0) + 1;
    const row: Row = { id, what, at: databaseNow(s), opened: s.now, committed: false, pseq: null };
    steps.push({ label: `the end of ${what} is written, not committed`, to: withRows(s, [...s.db.rows, row]) });
  }
  for (const row of s.db.rows) {
    if (row.committed) continue;
    const rows = s.db.rows.map((other) => (other === row ? { ...row, committed: true } : other));
    const to = withRows(s, rows);
    const label = `the end of ${row.what} commits`;
    steps.push({ label, to: row.what === 's' ? { ...to, ended: s.now, endedEntryAt: row.at } : to });
  }
}

export function openTooLong(s: State): boolean {
  return s.db.rows.some((row) => !row.committed && s.now - row.opened >= OPEN_MAX);
}

export function withoutOpen(s: State): State {
  return withRows(
    s,
    s.db.rows.filter((row) => row.committed),
  );
}

function relayGoesOn(model: Modelled, s: State, run: RelayRun, steps: Step<State>[]): void {
  const { rules } = model;
  if (s.relay) steps.push({ label: 'the relay dies', to: { ...s, relay: null } });
  const mayDraw = run.before === null && (rules.relayDrawsFirst || run.found !== null);
  if (mayDraw) {
    const before = committed(s.db.rows);
    const to = { ...s, relay: { ...run, before, ticket: s.db.ticket + 1 }, db: { ...s.db, ticket: s.db.ticket + 1 } };
    steps.push({ label: s.relay ? 'the relay draws its ticket' : 'a relay locks the partition and draws its ticket', to });
  }
  if (run.found === null && (run.before !== null || !rules.relayDrawsFirst)) {
    const unnumbered = s.db.rows.filter((row) => row.committed && row.pseq === null).map((row) => row.id);
    const plan = rules.number(s.db.last, unnumbered);
    steps.push({ label: 'the relay finds the rows without a number', to: { ...s, relay: { ...run, found: s.db, plan } } });
  }
  if (run.before === null || run.plan === null) return;
  const { plan } = run;
  if (!rules.numbersWithRows && !run.marked) {
    const to = { ...s, relay: { ...run, marked: true }, db: { ...s.db, last: plan.last } };
    return void steps.push({ label: 'the relay commits the last number', to, broken: model.checks('numbers') ? holes(to.db) : null });
  }
  const rows = s.db.rows.map((row) => {
    const index = plan.rowIds.indexOf(row.id);
    return index === -1 ? row : { ...row, pseq: plan.numbers[index] ?? null };
  });
  const db = { ...s.db, rows, last: plan.last };
  const broken = (model.checks('S4') ? unwitnessed(rows, run.before, plan.last) : null) ?? (model.checks('numbers') ? holes(db) : null);
  steps.push({ label: 'the relay commits its numbers', to: inFlight(model, { ...s, relay: null, db }, run.ticket), broken });
}

function atOnce(model: Modelled, first: Step<State>): Step<State> {
  let step = first;
  while (step.to.relay) {
    const following: Step<State>[] = [];
    relayGoesOn(model, step.to, step.to.relay, following);
    step = following.at(-1) as Step<State>;
  }
  return { ...step, label: `a relay step: ${step.to.db.rows.map((row) => `${row.what} has ${row.pseq ?? 'no number'}`).join(', ')}` };
}

const committed = (rows: readonly Row[]): string => rows.flatMap((row) => (row.committed ? row.what : [])).join('');

/** S4, over what a step says of itself: {ticket, last}. */
function unwitnessed(rows: readonly Row[], before: string, last: number): string | null {
  const left = rows.find((row) => before.includes(row.what) && (row.pseq === null || row.pseq > last));
  return left ? `S4: the end of ${left.what} was committed before the ticket was drawn and has no number up to ${last}` : null;
}

/** Numbers are given once, without holes, up to the partition's own last one: what readers take for granted. */
function holes(db: Database): string | null {
  const numbers = db.rows.flatMap((row) => row.pseq ?? []);
  const whole = new Set(numbers).size === numbers.length && numbers.length === db.last - db.swept && numbers.every((n) => n <= db.last);
  return whole ? null : `numbers: the last is ${db.last}, there are ${numbers.join(' and ') || 'none'}`;
}

function sweep(s: State, keep: number, steps: Step<State>[]): void {
  const numbered = s.db.rows.filter((row) => row.pseq !== null).sort((a, b) => (a.pseq ?? 0) - (b.pseq ?? 0));
  const due = numbered[0];
  if (!due || due.at >= databaseNow(s) - keep) return;
  const to = withRows(
    s,
    s.db.rows.filter((row) => row !== due),
  );
  steps.push({ label: `retention deletes the row of ${due.what}`, to: { ...to, db: { ...to.db, swept: due.pseq ?? 0 } } });
}

/** What takes one database's place: the same after a restart, a promoted one with another clock, a copy. */
export function epochSteps(model: Modelled, s: State, steps: Step<State>[]): void {
  const { db } = s;
  if (s.databaseRestarts > 0) {
    const next = inPlace(model, s, { ...db, lag: db.lag });
    steps.push({ label: 'the database restarts', to: { ...next, databaseRestarts: s.databaseRestarts - 1 } });
  }
  if (s.failOvers > 0) {
    const next = inPlace(model, s, { ...db, lag: LAG });
    steps.push({ label: `the database fails over to one whose clock is ${LAG} behind`, to: { ...next, failOvers: s.failOvers - 1 } });
  }
  if (s.restores > 0) {
    if (s.copy === null)
      steps.push({ label: 'a copy of the database is made', to: { ...s, copy: { ...db, rows: db.rows.filter((r) => r.committed) } } });
    else if (couldBeNoticed(s, s.copy)) {
      const next = inPlace(model, s, s.copy);
      steps.push({ label: 'the copy is put in the database’s place', to: { ...next, copy: null, restores: s.restores - 1 } });
    }
  }
  attest(model, s, steps);
}

/** The witness's limit: what had no number yet when the owner last looked can be lost without a trace. */
function couldBeNoticed(s: State, copy: Database): boolean {
  const row = s.db.rows.find(({ what, committed }) => what === 's' && committed);
  return !row || endIsCommitted(copy) || (row.pseq !== null && row.pseq <= s.witness);
}

function inPlace(model: Modelled, s: State, db: Database): State {
  const rows = db.rows.filter((row) => row.committed);
  const cut = model.rules.oneConnection && s.asked?.ticket && !s.asked.result;
  return {
    ...s,
    db: { ...db, rows, epoch: s.db.epoch + 1, vouched: false, refused: false },
    relay: null,
    asked: cut ? null : s.asked,
  };
}

/** The owner looks: at its start, and every second. */
function attest(model: Modelled, s: State, steps: Step<State>[]): void {
  const { db, witness } = s;
  if (db.refused) return;
  if (model.rules.behindWitness({ p: witness }, { p: db.last }).length > 0) {
    steps.push({
      label: 'the owner finds itself behind its witness and refuses',
      to: { ...s, db: { ...db, vouched: false, refused: true } },
    });
  } else if (!db.vouched || db.last > witness) {
    const to = { ...s, witness: Math.max(witness, db.last), db: { ...db, vouched: true } };
    steps.push({ label: db.vouched ? 'the owner raises its witness' : 'the owner vouches for the epoch', to });
  }
}

function withRows(s: State, rows: readonly Row[]): State {
  return { ...s, db: { ...s.db, rows } };
}
