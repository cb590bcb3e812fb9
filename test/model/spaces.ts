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
