import type { SourceName } from '#libs/contracts';
import { testKafka, topicPrefix } from '#libs/testing';
import { KafkaEventSource, type KafkaEventSourceOptions } from '../kafka/group/kafka-event-source.js';
import { type KafkaSettings, kafkaClient } from '../kafka/kafka-client.js';
import { KafkaPublisher } from '../kafka/publisher.js';
import { topicOf } from '../kafka/topic-names.js';
import { setUpTopics } from '../kafka/topics.js';
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
    world.publisherOf = (source) => log.publisher(source);
    return log;
  }

  publisher(source: SourceName): KafkaPublisher {
    const { owners } = this.world;
    const known = this.publishers.get(source) ?? new KafkaPublisher(owners[source], source, this.settings, { prefix: this.prefix });
    this.publishers.set(source, known);
    return known;
  }

  /** What `token` reads of the session service's events. Without the second source, unless a spec gives it one: what comes, came by Kafka. */
  eventSource(options: Partial<KafkaEventSourceOptions> = {}): KafkaEventSource {
    const events = new KafkaEventSource({
      ...{ kafka: this.settings, reader: 'token', sources: ['session'], partitions: this.partitions, prefix: this.prefix },
      ...{ logDatabaseUrl: this.world.logUrl, patienceMs: 3_600_000, sessionTimeoutMs: 6_000 },
      fromDatabase: () => Promise.reject(new Error('the database was asked')),
      ...options,
    });
    this.events.push(events);
    return events;
  }

  get eventsTopic(): string {
    return topicOf('session', 'events', this.prefix);
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
