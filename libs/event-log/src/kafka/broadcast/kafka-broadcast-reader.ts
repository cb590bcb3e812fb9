import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import { SOURCES, type SourceName } from '#libs/contracts';
import type { BroadcastHandlers, BroadcastReader } from '../../broadcast/broadcast-reader.js';
import { type PartitionLag, partitionLags } from '../../broadcast/partition-lag.js';
import {
  handed,
  type LocalTime,
  type LogRecord,
  proofOf,
  type ReadPlan,
  type ReadResult,
  type Ticket,
} from '../../broadcast/reader-state.js';
import { type LogClock, PROCESS_CLOCK } from '../../clock.js';
import { lastNumbers } from '../../postgres/last-numbers.js';
import { type ConnectLog, connectLog, type LogQueries } from '../../postgres/log-connection.js';
import { readRevocations } from '../../postgres/read-revocations.js';
import { takeTicket } from '../../postgres/take-ticket.js';
import { Ticker } from '../../ticker.js';
import type { KafkaSettings, KafkaTrouble } from '../kafka-client.js';
import { BroadcastConsumer } from './broadcast-consumer.js';
import {
  BROADCAST_RULES,
  type BroadcastRules,
  type BroadcastState,
  NEW_BROADCAST,
  type Outcome,
  onRead,
  onRecords,
  onReset,
  onSend,
  onTicket,
  type Sent,
} from './broadcast-state.js';
import type { BroadcastRecord } from './followed-partition.js';
import { LogProofs } from './log-proofs.js';

export interface KafkaBroadcastReaderOptions {
  kafka: KafkaSettings;
  /** Of the topics' names. */
  prefix?: string | undefined;
  /** As `lanyard_log`, to the primary: for tickets, and to read where Kafka can't tell. */
  logDatabaseUrl: string;
  horizonMs: number;
  sources?: readonly SourceName[];
  clock?: LogClock;
  everyMs?: number;
  applicationName?: string;
  /** Reaches `event-log.reader.after-ticket` and `.after-read`. */
  checkpoints?: Checkpoints;
  /** For tests: a rule broken on purpose. */
  rules?: Partial<BroadcastRules>;
  /** For tests: reads in an order of their own. */
  connect?: ConnectLog;
  onError?: (source: SourceName, error: unknown) => void;
  /** What the library has to say. */
  onTrouble?: KafkaTrouble;
  /** The database was read; `why` null: because the log did not move. */
  onRead?: (source: SourceName, why: string | null) => void;
  /** The subscription began, for the first time or anew. */
  onJoined?: () => void;
}

/** As of the Postgres log: a horizon's worth of rows may take longer than a tick. */
const LONG_READ_MS = 30_000;
const EVERY_MS = 200;

/**
 * The Kafka driver of the broadcast reader. Kafka carries entries and watermarks, the database gives the tickets they are held against, fills
 * every hole and takes over by itself when the log does not move. Nothing here decides: `broadcast-state.ts` does.
 */
export class KafkaBroadcastReader implements BroadcastReader {
  private readonly sources: readonly SourceName[];
  private readonly clock: LogClock;
  private readonly checkpoints: Checkpoints;
  private readonly rules: BroadcastRules;
  private readonly connect: ConnectLog;
  private readonly applicationName: string;
  private readonly states = new Map<SourceName, BroadcastState>();
  private readonly proofs: ReadonlyMap<SourceName, LogProofs>;
  private readonly tickers = new Map<SourceName, Ticker>();
  /** One a source: a source that stalls must not make the others stale. */
  private readonly connections: ReadonlyMap<SourceName, LogQueries>;
  private readonly consumer: BroadcastConsumer;
  private handlers: BroadcastHandlers | undefined;

  constructor(private readonly options: KafkaBroadcastReaderOptions) {
    this.sources = options.sources ?? SOURCES;
    this.clock = options.clock ?? PROCESS_CLOCK;
    this.checkpoints = options.checkpoints ?? NO_CHECKPOINTS;
    this.rules = { ...BROADCAST_RULES, ...options.rules };
    this.connect = options.connect ?? connectLog;
    this.applicationName = options.applicationName ?? 'lanyard log reader';
    const connectionOf = (source: SourceName) =>
      this.connect({ url: options.logDatabaseUrl, applicationName: `${this.applicationName} ${source}` });
    this.connections = new Map(this.sources.map((source) => [source, connectionOf(source)]));
    this.proofs = new Map(this.sources.map((source) => [source, new LogProofs()]));
    this.consumer = new BroadcastConsumer({
      kafka: options.kafka,
      prefix: options.prefix,
      sources: this.sources,
      onTrouble: options.onTrouble,
      onRecords: (source, records) => this.received(source, records),
      onJoined: () => this.joined(),
    });
  }

  /** Kafka may come whenever it does: where the subscription begins is read from the database once it has begun, and numbers show the rest. */
  async start(handlers: BroadcastHandlers): Promise<void> {
    this.handlers = handlers;
    this.consumer.start();
    for (const source of this.sources) {
      const onError = (error: unknown) => this.options.onError?.(source, error);
      this.tickers.set(source, new Ticker(this.options.everyMs ?? EVERY_MS, () => this.step(source), onError));
    }
    for (const ticker of this.tickers.values()) ticker.start();
    await Promise.all([...this.tickers.values()].map((ticker) => ticker.run()));
  }

  async stop(): Promise<void> {
    await Promise.all([this.consumer.stop(), ...[...this.tickers.values()].map((ticker) => ticker.stop())]);
    await Promise.all([...this.connections.values()].map((connection) => connection.close()));
  }

  async probe(source: SourceName): Promise<void> {
    await this.tickers.get(source)?.run();
  }

  async lags(): Promise<PartitionLag[]> {
    const all = [...this.connections].map(async ([source, connection]) => {
      const last = await lastNumbers(connection, source, 'revocations');
      const { positions } = this.stateOf(source).log;
      const now = this.clock.monotonic();
      return partitionLags(
        source,
        last,
        positions,
        (partition) => this.proofs.get(source)?.age(partition, now) ?? Number.POSITIVE_INFINITY,
      );
    });
    return (await Promise.all(all)).flat();
  }

  private received(source: SourceName, records: readonly BroadcastRecord[]): void {
    this.tell(source, onRecords(this.stateOf(source), records, this.clock.monotonic(), this.rules));
    this.readSoon(source);
  }

  private joined(): void {
    this.options.onJoined?.();
    for (const source of this.sources) {
      this.states.set(source, onReset(this.stateOf(source), 'the subscription began anew'));
      this.readSoon(source);
    }
  }

  /** At once, but not one read after the other: a log full of holes is left to the tick. */
  private readSoon(source: SourceName): void {
    const { wanted, readAt } = this.stateOf(source);
    if (wanted !== null && this.clock.monotonic() - readAt >= (this.options.everyMs ?? EVERY_MS)) this.tickers.get(source)?.nudge();
  }

  private async step(source: SourceName): Promise<void> {
    const sent = onSend(this.stateOf(source), this.localTime());
    const connection = this.connections.get(source);
    if (!connection) throw new Error(`${source} is not a source of this reader`);
    const ticket = await takeTicket(connection, source);
    const over = connection.number;
    const why = this.stateOf(source).wanted;
    const { plan, ...outcome } = onTicket(this.stateOf(source), sent, ticket, this.localTime(), this.options.horizonMs, this.rules);
    this.tell(source, outcome);
    if (plan === null) return;
    const asked = { connection, over, ticket, plan };
    const answered = await (plan.read === 'after' ? this.read(source, asked) : this.readAtLength(source, sent));
    await this.checkpoints.reach('event-log.reader.after-read');
    this.tell(
      source,
      onRead(this.stateOf(source), answered.plan, answered.ticket, answered.result, sent, this.options.horizonMs, this.rules),
    );
    this.options.onRead?.(source, plan.read === 'since' ? (plan.why ?? 'start') : why);
  }

  private async read(source: SourceName, { connection, over, ticket, plan }: Asked): Promise<Answered> {
    await this.checkpoints.reach('event-log.reader.after-ticket');
    const hand = (records: readonly LogRecord[]) => {
      const { entries, places } = handed(records, ticket.epoch);
      if (entries.length > 0) this.handlers?.onEntries(source, entries, places);
    };
    return { ticket, plan, result: await readRevocations(source, plan, { connection, over, hand }) };
  }

  /** With a ticket of its own: the first one came over another connection. */
  private async readAtLength(source: SourceName, sent: Sent): Promise<Answered> {
    const applicationName = `${this.applicationName} horizon`;
    const connection = this.connect({ url: this.options.logDatabaseUrl, applicationName, statementTimeoutMs: LONG_READ_MS });
    try {
      const ticket = await takeTicket(connection, source);
      const state = { ...this.stateOf(source).log, ticket: sent.floor };
      const plan = this.rules.planRead(state, ticket, this.localTime(), this.options.horizonMs);
      return await this.read(source, { connection, over: connection.number, ticket, plan });
    } finally {
      await connection.close();
    }
  }

  /** Entries first: a proof told before them would vouch for a set that lacks them. */
  private tell(source: SourceName, { state, entries, places, gap, proof }: Outcome): void {
    this.proofs.get(source)?.note(this.stateOf(source), state, this.rules);
    this.states.set(source, state);
    if (entries.length > 0) this.handlers?.onEntries(source, [...entries], places);
    if (gap !== null) this.handlers?.onGap(source, gap);
    if (proof !== null) this.handlers?.onProof(source, proofOf(proof.ticket, proof.sent, state.log.positions));
  }

  private stateOf(source: SourceName): BroadcastState {
    return this.states.get(source) ?? NEW_BROADCAST;
  }

  private localTime(): LocalTime {
    return { monotonic: this.clock.monotonic(), wall: this.clock.wall() };
  }
}

interface Asked {
  connection: LogQueries;
  over: number;
  ticket: Ticket;
  plan: ReadPlan;
}

interface Answered {
  ticket: Ticket;
  plan: ReadPlan;
  result: ReadResult;
}
