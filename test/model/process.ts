import { NEW_READER } from '#libs/event-log';
import type { Step } from './explore.js';
import { unsubscribed } from './kafka-world.js';
import type { Modelled } from './modelled.js';
import { openTooLong, withoutOpen } from './owner.js';
import { TICK } from './scope.js';
import { databaseNow, endIsCommitted, monotonic, type State } from './state.js';

/** The process that holds the view: its registration, the hints it gets, the answers it gives, and what becomes of its machine. */
export function processSteps(model: Modelled, s: State, steps: Step<State>[]): void {
  const reading = s.asked !== null || s.reader.epoch !== null;
  if (!s.registered && (model.rules.registersFirst || reading))
    steps.push({ label: 'the view is registered', to: { ...s, registered: true } });
  if (model.scope.hints) hints(model, s, steps);
  if (model.scope.slowAnswers) answers(model, s, steps);
  if (s.processRestarts > 0) steps.push({ label: 'the process is killed and started', to: restarted(model, s) });
}

function hints(model: Modelled, s: State, steps: Step<State>[]): void {
  const committed = s.ended !== null;
  const begun = committed || (!model.rules.registryReadAfterCommit && s.db.rows.some((row) => row.what === 's'));
  if (s.confirmation === 'none' && begun) {
    const label = `the registry is read: ${s.registered ? 'the view is in it' : 'nobody is in it'}`;
    steps.push({ label, to: { ...s, confirmation: s.registered ? 'asked' : committed ? 'confirmed' : 'gone' } });
  }
  if (!committed) return;
  if (s.confirmation === 'gone')
    steps.push({ label: 'nobody listens where the view was: confirmed', to: { ...s, confirmation: 'confirmed' } });
  if (s.confirmation === 'asked' && !model.rules.waitsForHints) steps.push({ label: 'confirmed', to: { ...s, confirmation: 'confirmed' } });
  const hinted = model.applied(s, { kind: 'session', id: 's', at: s.endedEntryAt * TICK });
  steps.push({ label: 'a hint of the end of s arrives, its answer is lost', to: hinted });
  if (s.confirmation === 'asked')
    steps.push({ label: 'the hint of the end of s is answered: confirmed', to: { ...hinted, confirmation: 'confirmed' } });
}

function answers(model: Modelled, s: State, steps: Step<State>[]): void {
  if (!s.pending) {
    if (model.verdict(s, 'first') === 'active') steps.push({ label: 'an answer is reached: active', to: { ...s, pending: true } });
    return;
  }
  const sent = model.rules.judgeAtSend === null || model.verdict(s, 'again') === 'active';
  const label = `the answer is sent: ${sent ? 'active' : 'not active'}`;
  steps.push({ label, to: { ...s, pending: false }, broken: sent ? model.brokenByActive(s) : null });
}

function restarted(model: Modelled, s: State): State {
  return {
    ...s,
    processRestarts: s.processRestarts - 1,
    view: model.views.empty,
    reader: NEW_READER,
    asked: null,
    kafka: unsubscribed(s.kafka),
    provenAt: -1,
    held: false,
    pending: false,
    registered: model.scope.kafka !== null && !model.scope.hints,
    confirmation: s.confirmation === 'asked' ? 'gone' : s.confirmation,
  };
}

/** The token service: a liveness read, a pause of any length, a token. */
export function issuerSteps(model: Modelled, s: State, steps: Step<State>[]): void {
  const { scope, rules } = model;
  if (scope.ttl === null) return;
  if (s.request === null) {
    if (endIsCommitted(s.db) || s.db.refused || s.ended !== null) return;
    return void steps.push({
      label: 'a token request reads that s lives',
      to: { ...s, request: { arrived: monotonic(s), livenessRead: databaseNow(s) } },
    });
  }
  const { arrived, livenessRead } = s.request;
  const to = { ...s, request: null };
  try {
    rules.deadline(arrived * TICK, () => monotonic(s) * TICK, scope.requestDeadline * TICK - 1).check();
  } catch {
    return void steps.push({ label: 'the token request is past its deadline', to });
  }
  const from = rules.timesFromLivenessRead ? livenessRead : databaseNow(s);
  const times = rules.times(from * TICK, (scope.ttl * TICK) / 1_000, null);
  const exp = ((times?.exp ?? 0) * 1_000) / TICK;
  steps.push({ label: `a token of s is made; it expires at ${exp}`, to: { ...to, longest: Math.max(s.longest, exp) } });
}

export function timeSteps(model: Modelled, s: State, steps: Step<State>[]): void {
  if (s.now < model.scope.ticks) {
    const late = openTooLong(s) && model.rules.transactionsEnd;
    const next = late ? withoutOpen(s) : s;
    const undone = late ? '; the open transaction is rolled back' : '';
    steps.push({ label: `time passes: ${s.now + 1}${undone}`, to: { ...next, now: s.now + 1 } });
    if (s.sleeps > 0) {
      const to = { ...next, now: s.now + 1, slept: s.slept + 1, sleeps: s.sleeps - 1 };
      steps.push({ label: `time passes: ${s.now + 1}, the process’s machine sleeps${undone}`, to });
    }
  }
  if (s.wallSteps > 0)
    steps.push({ label: 'the wall clock is set back', to: { ...s, wallMoved: s.wallMoved - 2, wallSteps: s.wallSteps - 1 } });
}
