import type { BroadcastReader } from '../broadcast/broadcast-reader.js';
import { KafkaBroadcastReader, type KafkaBroadcastReaderOptions } from '../kafka/broadcast/kafka-broadcast-reader.js';
import { type KafkaSettings, kafkaClient } from '../kafka/kafka-client.js';
import { KafkaPublisher } from '../kafka/publisher.js';
import { topicOf } from '../kafka/topic-names.js';
import { setUpTopics } from '../kafka/topics.js';
import type { LogMessage } from '../kafka/wire.js';
import { addPartitions } from '../outbox/add-partitions.js';
import { Outbox } from '../outbox/outbox.js';
import { Relay } from '../relay/relay.js';
import type { BroadcastHarness } from './broadcast-cases.js';
import type { LogWorld } from './log-world.js';
import { HORIZON_MS, PostgresHarness } from './postgres-harness.js';

export const KAFKA_PARTITIONS = 2;

type Make = (options: KafkaBroadcastReaderOptions) => BroadcastReader;

/**
 * The Kafka driver under the contract: the database is the one of the Postgres driver's harness, the topics are the spec's own. `make` lets a spec
 * hand in a reader that is broken on purpose.
 */
export class KafkaHarness implements BroadcastHarness {
  private readonly readers: BroadcastReader[] = [];
  private readonly postgres: PostgresHarness;
  private readonly publisher: KafkaPublisher;
  private readonly owner: Relay;
  /** Why each read of the database was made; null: because the log did not move. */
  readonly reads: (string | null)[] = [];
  /** How long a case waits for what a sound reader does in a moment; a broken one need not keep it as long. */
  patienceMs = 10_000;
  /** How often a subscription began. */
  joined = 0;

  private constructor(
    private readonly world: LogWorld,
    private readonly kafka: KafkaSettings,
    private readonly prefix: string,
    private readonly make: Make,
  ) {
    this.postgres = new PostgresHarness(world);
    this.publisher = new KafkaPublisher(world.owners.session, 'session', kafka, { prefix });
    this.owner = new Relay(world.owners.session, 'session', { publisher: this.publisher });
  }

  static async create(
    world: LogWorld,
    broker: string,
    prefix: string,
    make: Make = (options) => new KafkaBroadcastReader(options),
  ): Promise<KafkaHarness> {
    const kafka = { brokers: [broker], clientId: prefix };
    await addPartitions(world.owners.session, 'session', KAFKA_PARTITIONS);
    await world.vouch();
    const problems = await setUpTopics(kafka, {
      source: 'session',
      partitions: KAFKA_PARTITIONS,
      replication: 1,
      horizonMs: HORIZON_MS,
      prefix,
    });
    if (problems.length > 0) throw new Error(problems.join('; '));
    return new KafkaHarness(world, kafka, prefix, make);
  }

  reader(): BroadcastReader {
    const { kafka, prefix } = this;
    const reader = this.make({
      ...{ kafka, prefix, logDatabaseUrl: this.world.logUrl, horizonMs: HORIZON_MS, sources: ['session'] },
      onRead: (_source, why) => this.reads.push(why),
      onJoined: () => void this.joined++,
    });
    this.readers.push(reader);
    return reader;
  }

  /** A relay at work, as in every owner: a watermark per tick. */
  relayRuns(): void {
    this.owner.start();
  }

  /** Numbered rows go nowhere any more, and no watermark comes. */
  relayStops(): Promise<void> {
    return this.owner.stop();
  }

  async stop(): Promise<void> {
    await Promise.all([this.owner.stop(), ...this.readers.splice(0).map((reader) => reader.stop())]);
    await this.publisher.stop();
  }

  async end(...sids: string[]): Promise<void> {
    const revocations = sids.map((id) => ({ kind: 'session' as const, id }));
    await this.world.owners.session.transaction((tx) => new Outbox('session', KAFKA_PARTITIONS).add(tx, { revocations }));
  }

  endSlowly(sid: string): Promise<{ commit(): Promise<void> }> {
    return this.postgres.endSlowly(sid);
  }

  async relay(): Promise<void> {
    await this.owner.stepAll();
    await this.publisher.publishAll();
  }

  lose(sid: string): Promise<void> {
    return this.postgres.lose(sid);
  }

  newEpoch(): Promise<void> {
    return this.postgres.newEpoch();
  }

  cut(): Promise<() => Promise<void>> {
    return this.postgres.cut();
  }

  /** Ends it, and the log has lost it: a relay has marked it as published, and the broker has it no more. */
  async endAndLose(...sids: string[]): Promise<void> {
    await this.end(...sids);
    await new Relay(this.world.owners.session, 'session').stepAll();
    await this.world.database.query("UPDATE session.outbox_partition SET published = last_pseq WHERE stream = 'revocations'");
  }

  /** As a relay that died before its mark, of everything there is. */
  async publishAgain(): Promise<void> {
    await this.world.database.query("UPDATE session.outbox_partition SET published = 0 WHERE stream = 'revocations'");
  }

  /** Anything, in partition 0. */
  async put(message: Partial<LogMessage>): Promise<void> {
    const producer = kafkaClient(this.kafka).producer();
    await producer.connect();
    const { key = null, value = '', headers = {} } = message;
    await producer.send({ topic: topicOf('session', 'revocations', this.prefix), messages: [{ key, value, headers, partition: 0 }] });
    await producer.disconnect();
  }

  async epoch(): Promise<string> {
    const [row] = await this.world.database.query<{ epoch: string }>('SELECT session.log_epoch() AS epoch');
    return row?.epoch ?? '';
  }

  /** Of this harness's readers, as the broker knows them. */
  async groups(): Promise<string[]> {
    const admin = kafkaClient(this.kafka).admin();
    await admin.connect();
    const { groups } = await admin.listGroups();
    await admin.disconnect();
    return groups.flatMap(({ groupId }) => (groupId.startsWith(this.prefix) ? groupId : []));
  }
}
