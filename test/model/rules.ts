import 'reflect-metadata';
import { BROADCAST_RULES, type BroadcastRules, behindWitness, type LogRecord, numberRows } from '#libs/event-log';
import type { Clock, RevocationView } from '#libs/revocation';
import { judgeAccessToken } from '../../apps/introspect/src/introspection/judge-access-token.js';
import { accessTokenTimes } from '../../apps/token/src/issuing/lifetimes.js';
import { Deadline } from '../../apps/token/src/token/deadline.js';
import type { Row, State } from './state.js';

export type Judge = typeof judgeAccessToken;
export type Proof = Parameters<RevocationView['applyProof']>[1];
export type Invariant = 'S1' | 'S3' | 'S4' | 'S8' | 'kept' | 'confirmed' | 'numbers';

/** Every decision of the mechanism as a value. `RULES` are the real ones; a mutant replaces one. */
export interface Rules extends BroadcastRules {
  readonly number: typeof numberRows;
  /** Whether the relay's ticket comes before the snapshot that finds its rows. */
  readonly relayDrawsFirst: boolean;
  /** The partition's last number is committed with the rows that carry it, not before them. */
  readonly numbersWithRows: boolean;
  readonly numbersUnvouchedEpochs: boolean;
  /** Whether the reader's ticket comes before the snapshot of its read. */
  readonly readerDrawsFirst: boolean;
  /** A ticket and its read share one connection, so that no change of the epoch comes between them. */
  readonly oneConnection: boolean;
  /** An answer's entries are told before its proof; else the proof comes first and the entries a turn later. */
  readonly entriesBeforeProof: boolean;
  /** What the query finds, of what its snapshot holds. */
  readonly found: (rows: readonly Row[]) => readonly Row[];
  /** What becomes of the records on their way to `absorb`. */
  readonly records: (records: readonly LogRecord[]) => readonly LogRecord[];
  readonly ticketsOfUnvouchedEpochs: boolean;
  readonly behindWitness: typeof behindWitness;
  /** In ticks; null: as long as it likes. */
  readonly transactionsEnd: boolean;
  /** How this process reads its clocks. */
  readonly clock: (clock: Clock) => Clock;
  readonly judge: Judge;
  /** Asked again when the answer is sent; null: what was reached is sent. */
  readonly judgeAtSend: Judge | null;
  /** `at` that the view files an entry under. */
  readonly entryAt: (state: State, at: number, horizon: number) => number;
  readonly registersFirst: boolean;
  readonly registryReadAfterCommit: boolean;
  readonly waitsForHints: boolean;
  readonly times: typeof accessTokenTimes;
  /** False: a token's times count from the moment it is made. */
  readonly timesFromLivenessRead: boolean;
  readonly deadline: (arrived: number, monotonic: () => number, limitMs: number) => Pick<Deadline, 'check'>;
  readonly keep: (scope: number) => number;
  /** With Kafka: a relay that dies in between repeats itself, and leaves nothing out. */
  readonly marksAfterPublish: boolean;
  readonly watermarkAfterEvents: boolean;
  /** Else only once the bootstrap has been read. */
  readonly subscribesFirst: boolean;
  /** A ticket can be had of a primary only; without one a standby would do. */
  readonly readsPrimary: boolean;
}

export const RULES: Rules = {
  ...BROADCAST_RULES,
  number: numberRows,
  relayDrawsFirst: true,
  numbersWithRows: true,
  numbersUnvouchedEpochs: false,
  readerDrawsFirst: true,
  oneConnection: true,
  entriesBeforeProof: true,
  found: (rows) => rows,
  records: (records) => records,
  ticketsOfUnvouchedEpochs: false,
  behindWitness,
  transactionsEnd: true,
  clock: (clock) => clock,
  judge: judgeAccessToken,
  judgeAtSend: judgeAccessToken,
  entryAt: (_state, at) => at,
  registersFirst: true,
  registryReadAfterCommit: true,
  waitsForHints: true,
  times: accessTokenTimes,
  timesFromLivenessRead: true,
  deadline: (arrived, monotonic, limitMs) => new Deadline(arrived, monotonic, limitMs),
  keep: (ticks) => ticks,
  marksAfterPublish: true,
  watermarkAfterEvents: true,
  subscribesFirst: true,
  readsPrimary: true,
};
