import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import { SOURCES, type SourceName } from '#libs/contracts';
import type { BroadcastHandlers, BroadcastReader } from '../broadcast/broadcast-reader.js';
import { type PartitionLag, partitionLags } from '../broadcast/partition-lag.js';
import {
  handed,
  type LocalTime,
  type LogRecord,
  NEW_READER,
  READER_RULES,
  type ReaderRules,
  type ReaderState,
  type ReadPlan,
  type ReadResult,
  type Ticket,
} from '../broadcast/reader-state.js';
import { type LogClock, PROCESS_CLOCK } from '../clock.js';
import { Ticker } from '../ticker.js';
import { lastNumbers } from './last-numbers.js';
import { type ConnectLog, connectLog, type LogQueries } from './log-connection.js';
import { LogListener } from './log-listener.js';
import { readRevocations } from './read-revocations.js';
import { takeTicket } from './take-ticket.js';

export interface PostgresLogReaderOptions {
  /** As `lanyard_log`, to the primary. */
  logDatabaseUrl: string;
  horizonMs: number;
  sources?: readonly SourceName[];
  clock?: LogClock;
  everyMs?: number;
  applicationName?: string;
  /** Reaches `event-log.reader.after-ticket` and `.after-read`. */
  checkpoints?: Checkpoints;
  /** For tests: a rule broken on purpose. */
  rules?: Partial<ReaderRules>;
  /** For tests: reads in an order of their own. */
  connect?: ConnectLog;
  onError?: (source: SourceName, error: unknown) => void;
}

/** A horizon's worth of rows may take longer than a tick; it has a connection of its own, so the other sources stay fresh meanwhile. */
const LONG_READ_MS = 30_000;

/**
 * The Postgres driver of the broadcast reader, and the second source of any other: a ticket, then everything after the position and
 * everything without a number. The query is its own proof. It needs the owners' tables and none of the owners' processes.
 */
export class PostgresLogReader implements BroadcastReader {
  private readonly sources: readonly SourceName[];
  private readonly clock: LogClock;
  private readonly checkpoints: Checkpoints;
  private readonly rules: ReaderRules;
  private readonly states = new Map<SourceName, ReaderState>();
  private readonly tickers = new Map<SourceName, Ticker>();
  /** One a source: a source that stalls (a lock on its table) must not make the others stale. */
  private readonly connections: ReadonlyMap<SourceName, LogQueries>;
  private readonly listener: LogListener;
  private readonly connect: ConnectLog;

  constructor(private readonly options: PostgresLogReaderOptions) {
    this.sources = options.sources ?? SOURCES;
    this.clock = options.clock ?? PROCESS_CLOCK;
    this.checkpoints = options.checkpoints ?? NO_CHECKPOINTS;
    this.rules = { ...READER_RULES, ...options.rules };
    this.connect = options.connect ?? connectLog;
    const applicationName = options.applicationName ?? 'lanyard log reader';
    const connectionOf = (source: SourceName) =>
      this.connect({ url: options.logDatabaseUrl, applicationName: `${applicationName} ${source}` });
    this.connections = new Map(this.sources.map((source) => [source, connectionOf(source)]));
    this.listener = new LogListener(options.logDatabaseUrl, applicationName, (source) => this.tickers.get(source)?.nudge());
  }

  async start(handlers: BroadcastHandlers): Promise<void> {
    for (const source of this.sources) {
      const step = () => this.step(source, handlers);
      this.tickers.set(source, new Ticker(this.options.everyMs ?? 200, step, (error) => this.options.onError?.(source, error)));
    }
    // Subscribe first, then read: what commits in between is noticed.
    await this.listener.start();
    for (const ticker of this.tickers.values()) ticker.start();
    await Promise.all([...this.tickers.values()].map((ticker) => ticker.run()));
  }

  async stop(): Promise<void> {
    await this.listener.stop();
    await Promise.all([...this.tickers.values()].map((ticker) => ticker.stop()));
    await Promise.all([...this.connections.values()].map((connection) => connection.close()));
  }

  async probe(source: SourceName): Promise<void> {
    await this.tickers.get(source)?.run();
  }

  /** One query proves all partitions at once, so they are of one age. */
  async lags(): Promise<PartitionLag[]> {
    const all = this.sources.map(async (source) => {
      const last = await lastNumbers(this.connectionTo(source), source, 'revocations');
      const { positions, complete } = this.states.get(source) ?? NEW_READER;
      const ageMs = complete ? this.clock.monotonic() - complete.sent.monotonic : Number.POSITIVE_INFINITY;
      return partitionLags(source, last, positions, () => ageMs);
    });
    return (await Promise.all(all)).flat();
  }

  private async step(source: SourceName, handlers: BroadcastHandlers): Promise<void> {
    const state = this.states.get(source) ?? NEW_READER;
    const sent = this.localTime();
    const asked = await this.ask(this.connectionTo(source), source, state);
    if (asked.plan.read === 'since' && asked.plan.why !== null) handlers.onGap(source, asked.plan.why);
    const { ticket, plan, result } = await (asked.plan.read === 'after'
      ? this.read(source, asked, handlers)
      : this.readAtLength(source, state, handlers));
    await this.checkpoints.reach('event-log.reader.after-read');
    const absorbed = this.rules.absorb(state, plan, ticket, result, sent, this.options.horizonMs);
    this.states.set(source, absorbed.state);
    for (const telling of this.rules.tellings(absorbed, ticket, sent)) {
      if (telling.tell === 'entries') handlers.onEntries(source, telling.entries, telling.places);
      else if (telling.tell === 'gap') handlers.onGap(source, telling.reason);
      else handlers.onProof(source, telling.proof);
    }
  }

  private localTime(): LocalTime {
    return { monotonic: this.clock.monotonic(), wall: this.clock.wall() };
  }

  private connectionTo(source: SourceName): LogQueries {
    const connection = this.connections.get(source);
    if (!connection) throw new Error(`${source} is not a source of this reader`);
    return connection;
  }

  private async ask(connection: LogQueries, source: SourceName, state: ReaderState): Promise<Asked> {
    const ticket = await takeTicket(connection, source);
    const over = connection.number;
    return { connection, over, ticket, plan: this.rules.planRead(state, ticket, this.localTime(), this.options.horizonMs) };
  }

  private async read(source: SourceName, { connection, over, ticket, plan }: Asked, handlers: BroadcastHandlers): Promise<Answered> {
    await this.checkpoints.reach('event-log.reader.after-ticket');
    const hand = (records: readonly LogRecord[]) => {
      const { entries, places } = handed(records, ticket.epoch);
      if (entries.length > 0) handlers.onEntries(source, entries, places);
    };
    return { ticket, plan, result: await readRevocations(source, plan, { connection, over, hand }) };
  }

  /** With a ticket of its own: the first one came over another connection. */
  private async readAtLength(source: SourceName, state: ReaderState, handlers: BroadcastHandlers): Promise<Answered> {
    const { logDatabaseUrl: url, applicationName = 'lanyard log reader' } = this.options;
    const long = this.connect({ url, applicationName: `${applicationName} horizon`, statementTimeoutMs: LONG_READ_MS });
    try {
      return await this.read(source, await this.ask(long, source, state), handlers);
    } finally {
      await long.close();
    }
  }
}

interface Answered {
  ticket: Ticket;
  plan: ReadPlan;
  result: ReadResult;
}

interface Asked extends Omit<Answered, 'result'> {
  connection: LogQueries;
  over: number;
}
