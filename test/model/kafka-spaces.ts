import { type KafkaScope, QUIET, type Scope } from './scope.js';

const KAFKA: KafkaScope = { relays: 1, backlog: 1, probes: 1, losses: 0, duplicates: 0, consumerSkips: 0, standby: false };

export const kafkaScope = (name: string, over: Partial<Scope> = {}, kafka: Partial<KafkaScope> = {}): Scope => ({
  ...{ ...QUIET, ticks: 2, other: false, calm: true },
  ...over,
  name: `Kafka: ${name}`,
  kafka: { ...KAFKA, ...kafka },
});

/** Whole spaces that are searched in seconds. */
export const SMALL_KAFKA: readonly Scope[] = [
  kafkaScope('one end', { ticks: 2 }),
  kafkaScope('one end, every step apart', { calm: false, ticks: 0 }),
  kafkaScope('two ends', { other: true, ticks: 0 }),
  kafkaScope('the broker loses a suffix it acknowledged', { ticks: 1 }, { losses: 1 }),
  kafkaScope('duplicates', { ticks: 1 }, { duplicates: 1 }),
  kafkaScope('the consumer skips', { ticks: 1 }, { consumerSkips: 1 }),
  kafkaScope('a process restarts', { processRestarts: 1, ticks: 1 }),
  kafkaScope('the database restarts', { databaseRestarts: 1, ticks: 0 }),
  kafkaScope('a copy', { restores: 1, ticks: 0 }),
  kafkaScope('a record that can’t be read', { unreadable: true, ticks: 1 }),
];

/** What takes minutes, each in the whole or up to a number of states. */
export const LARGE_KAFKA: readonly Scope[] = [
  kafkaScope('one end, two probes, a lag of two, three ticks', { ticks: 3 }, { probes: 2, backlog: 2 }),
  kafkaScope('one end, every step apart, two relays at once', { calm: false, ticks: 2 }, { relays: 2, backlog: 2 }),
  kafkaScope('hints, slow answers', { hints: true, slowAnswers: true }),
  kafkaScope(
    'two ends, every step apart, a lost suffix, a duplicate',
    { calm: false, other: true, ticks: 1 },
    { losses: 1, duplicates: 1 },
  ),
  kafkaScope('two ends, the consumer skips twice', { other: true, ticks: 1 }, { consumerSkips: 2 }),
  kafkaScope('a process restarts twice, a lost suffix', { processRestarts: 2 }, { losses: 1, backlog: 2 }),
  kafkaScope('the database restarts and fails over', { databaseRestarts: 1, failOvers: 1, ticks: 1 }, { backlog: 2 }),
  kafkaScope('two ends, a copy, a process restarts', { other: true, restores: 1, processRestarts: 1, ticks: 1 }, { backlog: 2 }),
  kafkaScope('the machine sleeps, the wall clock is set back', { sleeps: 1, wallSteps: 1 }),
  kafkaScope('tokens, entries that expire', { ticks: 3, ttl: 1, horizon: 1 }),
  kafkaScope(
    'everything at once',
    { calm: false, other: true, ticks: 3, processRestarts: 1, databaseRestarts: 1, failOvers: 1, restores: 1, sleeps: 1 },
    { relays: 2, backlog: 2, probes: 2, losses: 1, duplicates: 1, consumerSkips: 1 },
  ),
];
