import type { EachBatchPayload } from 'kafkajs';
import { GROUP_READERS, type ServiceName, SOURCES, type SourceName } from '#libs/contracts';
import type { EventBatch, EventSource, OutboxAnswer } from '../../group/event-source.js';
import type { Held, PositionId } from '../../group/position.store.js';
import { lastNumbers } from '../../postgres/last-numbers.js';
import { type ConnectLog, connectLog, type LogQueries } from '../../postgres/log-connection.js';
import { readEvents } from '../../postgres/read-events.js';
import { Ticker } from '../../ticker.js';
import type { KafkaSettings, KafkaTrouble } from '../kafka-client.js';
import { SteadyConsumer } from '../steady-consumer.js';
import { TOPIC_PREFIX, topicOf } from '../topic-names.js';
import { decode } from '../wire.js';
import { FETCH_RULES, FetchedPartition, type FetchRules } from './fetched-partition.js';

type ReadDatabase = (id: PositionId, position: number, limit: number) => Promise<OutboxAnswer>;

export interface KafkaEventSourceOptions {
  kafka: KafkaSettings;
  reader: ServiceName;
  partitions: number;
  logDatabaseUrl: string;
  sources?: readonly SourceName[];
  prefix?: string | undefined;
  onTrouble?: KafkaTrouble;
  /** After so long without news of a partition its owner's outbox is asked; and Kafka is taken to be away when the group could not be joined. */
  patienceMs?: number;
  sessionTimeoutMs?: number;
  /** For tests: what the truth answers. */
  fromDatabase?: ReadDatabase | undefined;
  /** For tests: a rule broken on purpose. */
  rules?: Partial<FetchRules>;
  /** For tests: reads in an order of their own. */
  connect?: ConnectLog;
}

const PATIENCE_MS = 2_000;
const SESSION_MS = 10_000;
const COMMIT_EVERY_MS = 1_000;

/**
 * Kafka as a group reader's log (decision 0026). Fetching never waits for a handler: it fills a bounded store per partition (a full one is
 * paused), so heartbeats go on while a handler is busy or an event is tried again, and nobody is thrown out of the group for being slow.
 * Kafka says who should work on a partition and brings events fast; what is true stands in the databases. Its offsets only say where to
 * begin fetching, and follow the position. A number that it does not bring, or brings from another epoch of the owner's database, is read from the owner's outbox.
 */
export class KafkaEventSource implements EventSource {
  private readonly sources: readonly SourceName[];
  private readonly consumer: SteadyConsumer;
  private readonly fetched = new Map<string, FetchedPartition>();
  private readonly positions = new Map<string, number>();
  private readonly askedAt = new Map<string, number>();
  /** The epoch of the database that the position was of when the owner's epoch was asked. */
  private readonly askedIn = new Map<string, string>();
  private readonly committer: Ticker;
  private readonly connection: LogQueries;
  private readonly fromDatabase: ReadDatabase;
  private readonly patienceMs: number;
  private assigned: ReadonlySet<string> | null = null;
  private awaySince = performance.now();
  private wake: (source: SourceName, partition?: number) => void = () => undefined;

  constructor(private readonly options: KafkaEventSourceOptions) {
    const { kafka, reader, partitions, prefix = TOPIC_PREFIX, logDatabaseUrl: url, onTrouble = () => undefined } = options;
    this.sources = options.sources ?? SOURCES.filter((source) => GROUP_READERS[source].includes(reader));
    this.patienceMs = options.patienceMs ?? PATIENCE_MS;
    this.connection = (options.connect ?? connectLog)({ url, applicationName: `lanyard ${reader} group`, statementTimeoutMs: 5_000 });
    this.fromDatabase =
      options.fromDatabase ?? ((id, position, limit) => readEvents(this.connection, id.source, id.partition, position, limit));
    const sessionTimeout = options.sessionTimeoutMs ?? SESSION_MS;
    const timing = { sessionTimeout, rebalanceTimeout: sessionTimeout, heartbeatInterval: Math.min(1_000, sessionTimeout / 5) };
    this.consumer = new SteadyConsumer({
      ...{ kafka, partitions: partitions * Math.max(1, this.sources.length), onTrouble },
      group: { groupId: `${prefix}.${reader}`, ...timing, maxWaitTimeInMs: 200, allowAutoTopicCreation: false },
      topics: this.sources.map((source) => topicOf(source, 'events', prefix)),
      // A new group begins with the oldest record; what it has done already it knows by number.
      fromBeginning: true,
      onBatch: (payload) => this.onBatch(payload),
      onAssigned: (assignment) => this.onAssigned(assignment),
    });
    this.committer = new Ticker(COMMIT_EVERY_MS, () => this.commit());
  }

  async start(wake: (source: SourceName, partition?: number) => void): Promise<void> {
    this.wake = wake;
    if (this.sources.length === 0) return;
    this.consumer.start();
    this.committer.start();
  }

  /** Without Kafka, instances compete by lease alone. */
  mine(id: PositionId): boolean {
    if (this.assigned) return this.assigned.has(keyOf(id));
    return performance.now() - this.awaySince > this.patienceMs;
  }

  async read(id: PositionId, from: Held, limit: number): Promise<EventBatch> {
    const { position, epoch } = from;
    const key = keyOf(id);
    const fetched = this.of(key);
    // Another database than before, or the first: what its owner has numbered may be another log.
    if (this.askedIn.get(key) !== epoch) await this.ask(id, from, 0);
    const { records, asked } = fetched.after(position, limit);
    if (fetched.nearlyEmpty) this.consumer.resume(this.partitionOf(id));
    const quiet = records.length === 0 && performance.now() - (this.askedAt.get(key) ?? 0) > this.patienceMs;
    if (!asked && !quiet) return { records, last: records.at(-1)?.pseq ?? position, swept: 0 };
    this.askedAt.set(key, performance.now());
    return this.ask(id, from, limit);
  }

  done(id: PositionId, position: number): void {
    this.positions.set(keyOf(id), position);
  }

  ends(source: SourceName): Promise<ReadonlyMap<number, number>> {
    return lastNumbers(this.connection, source, 'events');
  }

  async stop(): Promise<void> {
    await this.committer.stop();
    await this.commit().catch(() => undefined);
    await this.vanish();
  }

  /** Without a last commit: what a killed process would leave, but for the wait until the group notices. */
  async vanish(): Promise<void> {
    this.wake = () => undefined;
    await this.committer.stop();
    await this.consumer.stop();
    await this.connection.close();
  }

  private async onBatch({ batch }: EachBatchPayload): Promise<void> {
    const source = this.sources.find((name) => topicOf(name, 'events', this.options.prefix) === batch.topic);
    if (!source) return;
    const id: PositionId = { source, stream: 'events', partition: batch.partition };
    const fetched = this.of(keyOf(id));
    for (const message of batch.messages) {
      const decoded = decode(message);
      fetched.add(Number(message.offset), decoded);
      if (decoded.type === 'unreadable')
        this.options.onTrouble?.('a record of the log can’t be read', { ...id, offset: message.offset, why: decoded.why });
    }
    this.askedAt.set(keyOf(id), performance.now());
    if (fetched.full) this.consumer.current?.pause([this.partitionOf(id)]);
    this.wake(source, batch.partition);
  }

  private onAssigned(assignment: Readonly<Record<string, readonly number[]>> | null): void {
    if (!assignment && this.assigned) this.awaySince = performance.now();
    this.assigned = assignment && new Set(this.sources.flatMap((source) => this.keysOf(source, assignment)));
    // Everything since the last commit comes again, here or elsewhere.
    for (const fetched of this.fetched.values()) fetched.clear();
    this.positions.clear();
    this.consumer.resume();
    for (const source of this.sources) this.wake(source);
  }

  private keysOf(source: SourceName, assignment: Readonly<Record<string, readonly number[]>>): string[] {
    const partitions = assignment[topicOf(source, 'events', this.options.prefix)] ?? [];
    return partitions.map((partition) => keyOf({ source, stream: 'events', partition }));
  }

  private async commit(): Promise<void> {
    const offsets = [...this.positions].flatMap(([key, position]) => {
      const offset = this.of(key).committable(position);
      if (offset === null) return [];
      const { topic, partitions } = this.partitionOf(idOf(key));
      return partitions.map((partition) => ({ topic, partition, offset: String(offset) }));
    });
    // One that fails is made good by the next, or by the position when the records come again.
    if (offsets.length > 0) await this.consumer.current?.commitOffsets(offsets).catch(() => undefined);
  }

  private async ask(id: PositionId, { position, epoch }: Held, limit: number): Promise<OutboxAnswer> {
    const fetched = this.of(keyOf(id));
    const { turn } = fetched;
    const answer = await this.fromDatabase(id, position, limit);
    const forgotten = fetched.learn(answer, turn);
    this.askedIn.set(keyOf(id), epoch);
    const message = 'records of the log have numbers that their owner has not given; they are passed over';
    if (forgotten.length > 0) this.options.onTrouble?.(message, { ...id, count: forgotten.length, first: forgotten[0], last: answer.last });
    return answer;
  }

  private of(key: string): FetchedPartition {
    const known = this.fetched.get(key) ?? new FetchedPartition({ ...FETCH_RULES, ...this.options.rules });
    this.fetched.set(key, known);
    return known;
  }

  private partitionOf({ source, partition }: PositionId): { topic: string; partitions: number[] } {
    return { topic: topicOf(source, 'events', this.options.prefix), partitions: [partition] };
  }
}

function keyOf({ source, partition }: PositionId): string {
  return `${source}/${partition}`;
}

function idOf(key: string): PositionId {
  const [source, partition] = key.split('/');
  return { source: source as SourceName, stream: 'events', partition: Number(partition) };
}
