import { numberRows, READER_RULES } from '#libs/event-log';
import type { RevocationView } from '#libs/revocation';
import { type Invariant, type Judge, RULES, type Rules } from './rules.js';
import { QUIET, type Scope } from './scope.js';

/** A rule left out, where that shows soonest, and the invariant that must notice. */
export interface Mutant {
  readonly name: string;
  /** Where RELIABILITY's mechanism says the rule. */
  readonly of: string;
  readonly rules: Partial<Rules>;
  readonly scope: Scope;
  readonly by: Invariant;
}

const { planRead, absorb, tellings } = READER_RULES;
const real = RULES.judge;
const scope = (over: Partial<Scope>): Scope => ({ ...QUIET, ticks: 2, other: false, ...over });
const ONE = scope({ name: 'one end' });
const TWO = scope({ name: 'two ends', other: true });
const ANSWERS = scope({ name: 'slow answers', slowAnswers: true });
const HINTS = scope({ name: 'hints', hints: true });
const RESTART = scope({ name: 'a process restarts', processRestarts: 1 });
const TOKENS = scope({ name: 'tokens', calm: true, ticks: 3, ttl: 1, horizon: 1 });
const COPY = scope({ name: 'a copy', calm: true, ticks: 0, restores: 1, processRestarts: 1 });

type Seen = Pick<RevocationView, 'ownerNow' | 'isRevoked' | 'freshness'>;
const judging =
  (change: (view: Seen) => Partial<Seen>): Judge =>
  (claims, view) => {
    const seen: Seen = { ownerNow: () => view.ownerNow(), isRevoked: (token) => view.isRevoked(token), freshness: () => view.freshness() };
    return real(claims, { ...seen, ...change(view) });
  };
const anyAge = judging(() => ({ freshness: () => ({ fresh: true }) }));
const anySet = judging(() => ({ isRevoked: () => false }));

/** Keeps its position through whatever it has met, as a reader does that never heard of gaps. */
const noGaps: Rules['absorb'] = (state, plan, ticket, result, now, horizon) =>
  absorb(state, plan.read === 'after' ? { read: 'since', since: 0, why: null } : plan, ticket, result, now, horizon);
const onlyNumbered: Rules['records'] = (records) => records.filter(({ pseq }) => pseq !== null);

export const MUTANTS: readonly Mutant[] = [
  { name: 'a view answers however old its proof is', of: '6', rules: { judge: anyAge, judgeAtSend: anyAge }, scope: ONE, by: 'S1' },
  { name: 'a view that is not fresh says active', of: '6', rules: { judge: anyAge, judgeAtSend: anyAge }, scope: ONE, by: 'S8' },
  { name: 'the set is not looked at', of: '12', rules: { judge: anySet, judgeAtSend: anySet }, scope: ONE, by: 'S1' },
  {
    name: 'the set is looked at when the answer is reached, not when it is sent',
    of: '12',
    rules: { judgeAtSend: anySet },
    scope: ANSWERS,
    by: 'S1',
  },
  {
    name: 'freshness is asked when the answer is reached, not when it is sent',
    of: '6',
    rules: { judgeAtSend: anyAge },
    scope: ANSWERS,
    by: 'S1',
  },
  { name: 'what was reached before a pause is sent after it', of: '6', rules: { judgeAtSend: null }, scope: ANSWERS, by: 'S1' },
  {
    name: 'only the monotonic clock counts',
    of: '6',
    rules: { clock: (clock) => ({ monotonic: () => clock.monotonic(), wall: () => clock.monotonic() }) },
    scope: scope({ name: 'the machine sleeps', sleeps: 1 }),
    by: 'S1',
  },
  {
    name: 'only the wall clock counts',
    of: '6',
    rules: { clock: (clock) => ({ monotonic: () => clock.wall(), wall: () => clock.wall() }) },
    scope: scope({ name: 'the wall clock is set back', wallSteps: 1 }),
    by: 'S1',
  },
  {
    name: 'a proof counts from its answer, not from its send',
    of: '6',
    rules: {
      // The answer comes in the tick in which it is absorbed; the ticket's own time is the latest the reader can know of.
      tellings: (absorbed, ticket) => tellings(absorbed, ticket, { monotonic: ticket.dbTime, wall: ticket.dbTime }),
      absorb,
    },
    scope: scope({ name: 'one end', ticks: 3 }),
    by: 'S8',
  },
  { name: 'the reader’s snapshot is older than its ticket', of: '4', rules: { readerDrawsFirst: false }, scope: ONE, by: 'S4' },
  { name: 'the relay’s snapshot is older than its ticket', of: '3', rules: { relayDrawsFirst: false }, scope: TWO, by: 'S4' },
  { name: 'numbering with a LIMIT', of: '3', rules: { number: (last, rows) => numberRows(last, rows.slice(0, 1)) }, scope: TWO, by: 'S4' },
  {
    name: 'numbering with SKIP LOCKED, while another holds the oldest row',
    of: '3',
    rules: { number: (last, rows) => numberRows(last, rows.slice(1)) },
    scope: TWO,
    by: 'S4',
  },
  {
    name: 'the last number is committed before the rows that carry it',
    of: '3',
    rules: { numbersWithRows: false },
    scope: ONE,
    by: 'numbers',
  },
  { name: 'every batch is numbered from 1', of: '3', rules: { number: (_last, rows) => numberRows(0, rows) }, scope: TWO, by: 'numbers' },
  {
    name: 'the query is `id > last`',
    of: '3',
    rules: {
      // Rows are known by their ids from the moment they are written; a reader goes on from the highest it has seen.
      found: (rows) => rows.map((row) => ({ ...row, pseq: row.id })),
      records: (records) => records,
      absorb: (state, plan, ticket, result, now, horizon) => {
        const highest = Math.max(0, state.positions.get(0) ?? 0, ...result.records.map(({ pseq }) => pseq ?? 0));
        return noGaps(state, plan, ticket, { ...result, lastNumbers: new Map([[0, highest]]) }, now, horizon);
      },
    },
    scope: { ...TWO, calm: true },
    by: 'S1',
  },
  { name: 'rows without a number are not read', of: '4', rules: { records: onlyNumbered }, scope: ONE, by: 'S1' },
  {
    name: 'rows without a number are read and move the position',
    of: '4',
    rules: {
      absorb: (state, plan, ticket, result, now, horizon) => {
        const absorbed = noGaps(state, plan, ticket, result, now, horizon);
        const unnumbered = result.records.length - onlyNumbered(result.records).length;
        const positions = new Map([...absorbed.state.positions].map(([partition, last]) => [partition, last + unnumbered]));
        return { ...absorbed, state: { ...absorbed.state, positions } };
      },
    },
    scope: { ...TWO, calm: true },
    by: 'S1',
  },
  { name: 'no gap detection', of: '5', rules: { absorb: noGaps }, scope: scope({ name: 'a record is skipped', skips: 1 }), by: 'S1' },
  {
    name: 'a gap is told and the position moves on',
    of: '5',
    rules: {
      absorb: (state, plan, ticket, result, now, horizon) => {
        const absorbed = absorb(state, plan, ticket, result, now, horizon);
        return absorbed.gap ? { ...absorbed, state: { ...absorbed.state, positions: result.lastNumbers } } : absorbed;
      },
    },
    scope: scope({ name: 'a record is skipped', skips: 1 }),
    by: 'S1',
  },
  {
    name: 'a record that can’t be read is passed over',
    of: '5',
    rules: { records: (records) => records.map((record) => (record.entry ? record : { ...record, at: Number.NEGATIVE_INFINITY })) },
    scope: scope({ name: 'a record of another version', unreadable: true }),
    by: 'S1',
  },
  {
    name: 'no bootstrap: the reader begins at the end of the log',
    of: '5',
    rules: { absorb: (...args) => ({ ...absorb(...args), ...(args[1].read === 'since' && args[1].why === null ? { entries: [] } : {}) }) },
    scope: RESTART,
    by: 'S1',
  },
  {
    name: 'the proof is told before its entries',
    of: '5',
    rules: { entriesBeforeProof: false },
    scope: ONE,
    by: 'S1',
  },
  { name: 'a view reads before it is registered', of: '2', rules: { registersFirst: false }, scope: HINTS, by: 'confirmed' },
  { name: 'the registry is read before the commit', of: '2', rules: { registryReadAfterCommit: false }, scope: HINTS, by: 'confirmed' },
  { name: 'an end is confirmed without the hints’ answers', of: '2', rules: { waitsForHints: false }, scope: HINTS, by: 'confirmed' },
  {
    name: 'the epoch is ignored',
    of: '10',
    rules: { planRead: (state, ticket, ...rest) => planRead(state, { ...ticket, epoch: state.epoch ?? ticket.epoch }, ...rest) },
    scope: { ...COPY, other: true, processRestarts: 0 },
    by: 'S4',
  },
  {
    name: 'a new epoch is read from the last completeness on, without an overlap',
    of: '5',
    rules: {
      planRead: (...args) => {
        const plan = planRead(...args);
        return plan.read === 'since' && plan.why !== null ? { ...plan, since: plan.since + 60_000 } : plan;
      },
    },
    scope: scope({ name: 'the database restarts', calm: true, ticks: 1, databaseRestarts: 1 }),
    by: 'S4',
  },
  {
    name: 'a new primary’s clock is taken for the old one’s',
    of: '5',
    rules: {
      planRead: (state, ticket, now, horizon) => {
        const plan = planRead(state, ticket, now, horizon);
        return plan.read === 'since' && plan.why !== null && state.complete ? { ...plan, since: state.complete.dbTime - 60_000 } : plan;
      },
    },
    scope: scope({ name: 'fail-over to a clock behind', calm: true, ticks: 1, failOvers: 1 }),
    by: 'S4',
  },
  {
    name: 'a new primary’s clock is compared with when the ticket was sent for, not with when it came',
    of: '5',
    rules: {
      planRead: (state, ticket, answered, horizon) => {
        const sent = state.complete?.sent ?? answered;
        return planRead(
          state,
          ticket,
          { monotonic: Math.min(answered.monotonic, sent.monotonic), wall: Math.min(answered.wall, sent.wall) },
          horizon,
        );
      },
    },
    scope: scope({ name: 'fail-over to a clock behind', calm: true, failOvers: 1 }),
    by: 'S4',
  },
  {
    name: 'a transaction may be open for ever',
    of: '5',
    rules: { transactionsEnd: false },
    scope: scope({ name: 'the database restarts', calm: true, databaseRestarts: 1 }),
    by: 'S4',
  },
  {
    name: 'tickets are given before the epoch is vouched for',
    of: '10',
    rules: { ticketsOfUnvouchedEpochs: true },
    scope: COPY,
    by: 'S4',
  },
  {
    name: 'no witness',
    of: '10',
    rules: { behindWitness: () => [] },
    scope: COPY,
    by: 'S4',
  },
  {
    name: 'a relay numbers before the epoch is vouched for',
    of: '10',
    rules: { numbersUnvouchedEpochs: true },
    scope: { ...COPY, other: true },
    by: 'S4',
  },
  {
    name: 'a ticket and its read go over different connections',
    of: '4',
    rules: { oneConnection: false },
    scope: COPY,
    by: 'S4',
  },
  {
    name: 'entries expire with the tokens that are known when they come',
    of: '9',
    rules: { entryAt: (state, _at, horizon) => state.longest - horizon - 1 },
    scope: TOKENS,
    by: 'kept',
  },
  {
    name: 'the horizon is shorter than a token may live',
    of: '9',
    rules: {},
    scope: { ...TOKENS, ttl: 2, horizon: 0.5, name: 'a short horizon' },
    by: 'kept',
  },
  {
    name: 'a paused issuer has no deadline, and its tokens count from when they are made',
    of: '9',
    rules: { deadline: () => ({ check: () => undefined }), timesFromLivenessRead: false },
    scope: TOKENS,
    by: 'kept',
  },
  {
    name: 'retention is shorter than the horizon',
    of: '9',
    rules: { keep: () => 0 },
    scope: { ...TOKENS, keep: 1, processRestarts: 1 },
    by: 'S4',
  },
];

/** Rules that may be left out without anything being noticed; each has its reason in docs/decisions/0021. */
export const SPARE: readonly Omit<Mutant, 'by'>[] = [
  {
    name: 'numbering with a LIMIT, as far as a view of the Postgres log goes',
    of: '3',
    rules: { number: (last, rows) => numberRows(last, rows.slice(0, 1)) },
    scope: { ...TWO, calm: true },
  },
  {
    name: 'a paused issuer has no deadline, its tokens count from the liveness read',
    of: '9',
    rules: { deadline: () => ({ check: () => undefined }) },
    scope: TOKENS,
  },
  {
    name: 'tokens count from when they are made, within a deadline shorter than the horizon’s slack',
    of: '9',
    rules: { timesFromLivenessRead: false },
    scope: { ...TOKENS, requestDeadline: 2, horizon: 2 },
  },
  { name: 'the set is looked at only when the answer is sent', of: '12', rules: { judge: anySet }, scope: ANSWERS },
  {
    name: 'tickets that go back in one epoch are not noticed',
    of: '6',
    rules: { planRead: (state, ticket, ...rest) => planRead({ ...state, ticket: Number.NEGATIVE_INFINITY }, ticket, ...rest) },
    scope: scope({ name: 'a copy', calm: true, restores: 1 }),
  },
];
