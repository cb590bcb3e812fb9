import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import { GROUP_READERS, type ReceivedEvent, type ServiceName, SOURCES, type SourceName } from '#libs/contracts';
import { type Database, randomId } from '#libs/database';
import type { PassedReport } from '../outbox/record-passed.js';
import { PARTITIONS } from '../partitions.js';
import type { ConnectLog } from '../postgres/log-connection.js';
import { PostgresEventSource } from '../postgres/postgres-event-source.js';
import { Ticker } from '../ticker.js';
import { DEFAULT_RETRY, DELIVERY_RULES, type DeliveryRules, type GroupRecord, type RetryRule } from './delivery-rules.js';
import type { EventSource } from './event-source.js';
import { FORGET_HANDLED } from './handle-once.js';
import { LogContext } from './log-context.js';
import { type ConsumerPorts, PartitionConsumer } from './partition-consumer.js';
import { type PositionId, PositionStore } from './position.store.js';
import { PROCESS_RETRY_CLOCK, type RetryClock } from './retry-clock.js';

export interface LogTransportOptions {
  /** The consuming service's own database: its positions, dead letters and handled events. */
  db: Database;
  reader: ServiceName;
  logDatabaseUrl: string;
  /** Tells an owner how far this service is (internal call `logPassed`); may fail, it is repeated. */
  report(source: SourceName, report: PassedReport): Promise<unknown>;
  sources?: readonly SourceName[];
  /** Of each owner's events; more than one with Kafka. */
  partitions?: number;
  /** Where the events come from; without it, the owners' outboxes. */
  events?: EventSource;
  instanceId?: string;
  everyMs?: number;
  reportEveryMs?: number;
  retry?: RetryRule;
  /** For tests: a rule broken on purpose. */
  rules?: Partial<DeliveryRules>;
  clock?: RetryClock;
  checkpoints?: Checkpoints;
  /** For tests: reads in an order of their own. */
  connect?: ConnectLog;
}

const FORGET_EVERY_MS = 3_600_000;
const CLOSE_MS = 10_000;

/**
 * The group reader as a Nest transport: `@EventPattern('SessionEnded')` handlers of any service, fed from the owners' `events` streams.
 * Competing instances share the work by lease. Only the event source knows which log it is; the rules are the same for any.
 */
export class LogTransport extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  override readonly transportId = Symbol('lanyard-log');
  readonly sources: readonly SourceName[];
  readonly reader: ServiceName;
  private readonly consumers: { consumer: PartitionConsumer; ticker: Ticker; reported: number }[] = [];
  private readonly positions: PositionStore;
  private readonly events: EventSource;
  private readonly housekeeping: Ticker[];

  constructor(private readonly options: LogTransportOptions) {
    super();
    const { db, reader, logDatabaseUrl: url } = options;
    this.reader = reader;
    this.sources = options.sources ?? SOURCES.filter((source) => GROUP_READERS[source].includes(reader));
    this.positions = new PositionStore(db, options.instanceId ?? randomId());
    this.events = options.events ?? new PostgresEventSource(url, `lanyard ${reader} group`, options.connect);
    this.housekeeping = [
      new Ticker(options.reportEveryMs ?? 1_000, () => this.reportAll()),
      new Ticker(FORGET_EVERY_MS, async () => void (await db.query(FORGET_HANDLED))),
    ];
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      for (const source of this.sources) {
        for (let partition = 0; partition < (this.options.partitions ?? PARTITIONS); partition++)
          await this.add({ source, stream: 'events', partition });
      }
      await this.events.start((source, partition) => this.wake(source, partition));
      for (const { ticker } of this.consumers) ticker.start();
      for (const ticker of this.housekeeping) ticker.start();
      callback();
    } catch (error) {
      callback(error);
    }
  }

  /** Lets handlers under way finish, commits, and hands the leases back. A handler that hangs is left: its event is delivered again elsewhere. */
  async close(): Promise<void> {
    for (const { consumer } of this.consumers) consumer.stop();
    await atMost(CLOSE_MS, Promise.all(this.consumers.map(({ ticker }) => ticker.stop())));
    await Promise.all(this.housekeeping.map((ticker) => ticker.stop()));
    await this.reportAll();
    for (const { consumer } of this.consumers) await this.positions.release(consumer.id).catch(() => undefined);
    await this.events.stop();
  }

  /** One try on every partition right now. */
  async drain(): Promise<void> {
    await Promise.all(this.consumers.map(({ ticker }) => ticker.run()));
  }

  /** For metrics: what is numbered and not done, per partition, by any instance of this service. The positions first, or a lag would be counted that is none. */
  async lags(): Promise<{ source: SourceName; partition: number; behind: number }[]> {
    const all = this.sources.map(async (source) => {
      const positions = await this.positions.all(source);
      return [...(await this.events.ends(source))].map(([partition, last]) => {
        return { source, partition, behind: Math.max(0, last - (positions.get(partition) ?? 0)) };
      });
    });
    return (await Promise.all(all)).flat();
  }

  /** One dead letter, by hand, past every position. Throws what the handler throws, or why no handler gets it. */
  async redeliver(source: SourceName, partition: number, record: GroupRecord): Promise<void> {
    const rules = { ...DELIVERY_RULES, ...this.options.rules };
    const judged = rules.judgeRecord(source, record, (name) => this.messageHandlers.has(name));
    if (judged.to === 'nobody') throw new Error(`this service has no handler for ${record.name}`);
    if (judged.to === 'dead_letter') throw new Error(judged.error);
    await this.dispatch(judged.event, new LogContext([source, partition, record.pseq, 1]));
  }

  on(): never {
    throw new Error('the log transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.consumers as T;
  }

  private async add(id: PositionId): Promise<void> {
    await this.positions.create(id);
    const consumer = new PartitionConsumer(id, this.ports());
    const warn = (error: unknown) => this.logger.warn({ message: 'the log could not be read', ...id, error: String(error) });
    this.consumers.push({ consumer, ticker: new Ticker(this.options.everyMs ?? 200, () => consumer.step(), warn), reported: -1 });
  }

  private ports(): ConsumerPorts {
    return {
      positions: this.positions,
      events: this.events,
      handles: (name) => this.messageHandlers.has(name),
      handle: (event, context) => this.dispatch(event, context),
      rules: { ...DELIVERY_RULES, ...this.options.rules },
      retry: this.options.retry ?? DEFAULT_RETRY,
      clock: this.options.clock ?? PROCESS_RETRY_CLOCK,
      checkpoints: this.options.checkpoints ?? NO_CHECKPOINTS,
      warn: (message, details) => this.logger.warn({ message, ...details }),
    };
  }

  /** Waits for the handler, and for every further handler of the same event; the first error is the event's. */
  private async dispatch(event: ReceivedEvent, context: LogContext): Promise<void> {
    const handler = this.messageHandlers.get(event.name);
    if (!handler) return;
    await lastValueFrom(this.transformToObservable(await handler(event, context)), { defaultValue: undefined });
  }

  private wake(source: SourceName, partition?: number): void {
    for (const { consumer, ticker } of this.consumers) {
      if (consumer.id.source === source && (partition ?? consumer.id.partition) === consumer.id.partition) ticker.nudge();
    }
  }

  private async reportAll(): Promise<void> {
    await Promise.allSettled(
      this.consumers.map(async (entry) => {
        const { id, position } = entry.consumer;
        if (position === null || position === entry.reported) return;
        await this.options.report(id.source, { reader: this.options.reader, stream: id.stream, partition: id.partition, position });
        entry.reported = position;
      }),
    );
  }
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
