import type { SourceName } from '#libs/contracts';
import { testKafka, topicPrefix, until } from '#libs/testing';
import type { OutboxAnswer } from '../group/event-source.js';
import { KafkaEventSource, type KafkaEventSourceOptions } from '../kafka/group/kafka-event-source.js';
import { type KafkaSettings, kafkaClient } from '../kafka/kafka-client.js';
import { KafkaPublisher } from '../kafka/publisher.js';
import { topicOf } from '../kafka/topic-names.js';
import { setUpTopics } from '../kafka/topics.js';
import type { LogPublisher } from '../relay/relay.js';
import { LogWorld } from './log-world.js';

/** The owners' outboxes with a real broker behind them, and topics of their own. A spec steps the relays, as in any LogWorld. */
export class KafkaLog {
  private readonly publishers = new Map<SourceName, KafkaPublisher>();
  private readonly events: KafkaEventSource[] = [];

  private constructor(
    readonly world: LogWorld,
    readonly settings: KafkaSettings,
    readonly prefix: string,
    readonly partitions: number,
  ) {}

  /** On the run's broker, or on `address`. */
  static async create({ partitions = 2, address }: { partitions?: number; address?: string } = {}): Promise<KafkaLog> {
    const world = await LogWorld.create({ partitions });
    const settings = { brokers: [address ?? (await testKafka())], clientId: 'spec' };
    const log = new KafkaLog(world, settings, topicPrefix(), partitions);
    const of = { source: 'session' as const, partitions, replication: 1, horizonMs: 1, prefix: log.prefix };
    const problems = await setUpTopics(settings, of);
    if (problems.length > 0) throw new Error(problems.join('; '));
    world.publisherOf = (source) => log.patient(source);
    return log;
  }

  /** A broker that has just made a topic may not lead it yet; an owner's relay goes on and on, a spec's steps once. */
  private patient(source: SourceName): LogPublisher & { publishAll(): Promise<void> } {
    const publisher = this.publisher(source);
    const publishAll = async () =>
      void (await until(() => publisher.publishAll().then(() => true), { timeoutMs: 60_000, what: 'published' }));
    return { start: () => publisher.start(), stop: () => publisher.stop(), offer: (results) => publisher.offer(results), publishAll };
  }

  publisher(source: SourceName): KafkaPublisher {
    const { owners } = this.world;
    const known = this.publishers.get(source) ?? new KafkaPublisher(owners[source], source, this.settings, { prefix: this.prefix });
    this.publishers.set(source, known);
    return known;
  }

  /**
   * What `token` reads of the session service's events. Without the second source, unless a spec gives it one: what comes, came by Kafka. The epoch
   * is asked of the database all the same.
   */
  eventSource(options: Partial<KafkaEventSourceOptions> = {}): KafkaEventSource {
    const events = new KafkaEventSource({
      ...{ kafka: this.settings, reader: 'token', sources: ['session'], partitions: this.partitions, prefix: this.prefix },
      ...{ logDatabaseUrl: this.world.logUrl, patienceMs: 3_600_000, sessionTimeoutMs: 6_000 },
      fromDatabase: (id, _position, limit) =>
        limit === 0 ? this.standing(id.partition) : Promise.reject(new Error('the database was asked')),
      ...options,
    });
    this.events.push(events);
    return events;
  }

  get eventsTopic(): string {
    return topicOf('session', 'events', this.prefix);
  }

  /** As the owner's database answers, but for rows. */
  private async standing(partition: number): Promise<OutboxAnswer> {
    const [row] = await this.world.database.query<{ last: string; epoch: string }>(
      "SELECT last_pseq AS last, session.log_epoch() AS epoch FROM session.outbox_partition WHERE stream = 'events' AND partition = $1",
      [partition],
    );
    return { records: [], last: Number(row?.last), swept: 0, epoch: row?.epoch ?? '' };
  }

  async admin<T>(work: (admin: ReturnType<ReturnType<typeof kafkaClient>['admin']>) => Promise<T>): Promise<T> {
    const admin = kafkaClient(this.settings).admin();
    await admin.connect();
    return work(admin).finally(() => admin.disconnect());
  }

  async close(): Promise<void> {
    await Promise.all(this.events.map((events) => events.vanish()));
    await Promise.all([...this.publishers.values()].map((publisher) => publisher.stop()));
    await this.world.close();
  }
}
