import { QUIET, type Scope } from './scope.js';

const scope = (over: Partial<Scope> & { name: string }): Scope => ({ ...QUIET, ticks: 2, other: false, ...over });

/** Whole spaces that are searched in seconds. */
export const SMALL: readonly Scope[] = [
  scope({ name: 'one end, hints, slow answers', hints: true, slowAnswers: true }),
  scope({ name: 'a process restarts', processRestarts: 1, hints: true }),
  scope({ name: 'a record is skipped', skips: 1 }),
  scope({ name: 'the machine sleeps', sleeps: 1 }),
  scope({ name: 'the wall clock is set back', wallSteps: 1 }),
  scope({ name: 'a record of another version', unreadable: true }),
  scope({ name: 'the database restarts', databaseRestarts: 1 }),
  scope({ name: 'two ends', calm: true, other: true }),
  scope({ name: 'two ends and a copy', calm: true, ticks: 0, other: true, restores: 1, processRestarts: 1 }),
  scope({ name: 'fail-over to a clock behind', failOvers: 1 }),
  scope({ name: 'a copy, and a process that restarts', calm: true, ticks: 1, restores: 1, processRestarts: 1 }),
  scope({ name: 'tokens, entries that expire', calm: true, ticks: 3, ttl: 1, horizon: 1 }),
];

/** What takes minutes, each in the whole or up to `states`: the same faults for longer, all steps apart, and several faults in one history. */
export const LARGE: readonly Scope[] = [
  scope({ name: 'two ends, three ticks', other: true, ticks: 3 }),
  scope({
    name: 'one end, four ticks, hints, slow answers, a process restarts',
    ticks: 4,
    hints: true,
    slowAnswers: true,
    processRestarts: 1,
  }),
  scope({ name: 'two process restarts, hints', ticks: 3, hints: true, processRestarts: 2 }),
  scope({ name: 'two records are skipped, of two ends', calm: true, other: true, skips: 2 }),
  scope({ name: 'the machine sleeps twice, the database fails over', ticks: 3, calm: true, sleeps: 2, failOvers: 1 }),
  scope({ name: 'the wall clock is set back, the database fails over', calm: true, wallSteps: 1, failOvers: 1, processRestarts: 1 }),
  scope({ name: 'the database restarts twice and fails over', calm: true, databaseRestarts: 2, failOvers: 1 }),
  scope({ name: 'two ends and a fail-over', calm: true, other: true, ticks: 1, failOvers: 1 }),
  scope({ name: 'two ends, a copy, a process restarts, a tick', calm: true, other: true, ticks: 1, restores: 1, processRestarts: 1 }),
  scope({ name: 'a copy, a process restarts, all steps apart', restores: 1, processRestarts: 1 }),
  scope({ name: 'tokens that outlive the bound', calm: true, ticks: 5, ttl: 3, horizon: 3 }),
  scope({ name: 'tokens, retention, a process restarts', calm: true, ticks: 3, ttl: 1, horizon: 1, keep: 1, processRestarts: 1 }),
  {
    ...scope({ name: 'everything at once', other: true, ticks: 3, hints: true, slowAnswers: true }),
    ...{ processRestarts: 1, databaseRestarts: 1, failOvers: 1, restores: 1, sleeps: 1, skips: 1 },
  },
];
