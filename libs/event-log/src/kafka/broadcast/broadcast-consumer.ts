import type { EachBatchPayload } from 'kafkajs';
import type { SourceName } from '#libs/contracts';
import { randomId } from '#libs/database';
import { type KafkaSettings, type KafkaTrouble, kafkaClient } from '../kafka-client.js';
import { SteadyConsumer } from '../steady-consumer.js';
import { topicOf } from '../topic-names.js';
import { type Decoded, decode } from '../wire.js';
import type { BroadcastRecord } from './followed-partition.js';

export interface BroadcastConsumerOptions {
  kafka: KafkaSettings;
  sources: readonly SourceName[];
  prefix?: string | undefined;
  onTrouble?: KafkaTrouble | undefined;
  onRecords(source: SourceName, records: readonly BroadcastRecord[]): void;
  /** It stands somewhere else than before: at the start, after a rebalance, after it was made anew. */
  onJoined(): void;
}

/** The shortest that brokers allow by default; nobody else is in the group, so it only says how soon a dead member is cleared away. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 2_000;
/** How long a fetch may wait for the next record; with a relay alive it is a fifth of that. */
const MAX_WAIT_MS = 1_000;

/**
 * A consumer of every partition, in a group of this process alone, from the end on; it commits nothing. Whether it reads at all is nobody's question
 * here: the reader sees that no proof comes.
 */
export class BroadcastConsumer {
  private readonly sources: ReadonlyMap<string, SourceName>;
  private readonly group: string;
  private readonly steady: SteadyConsumer;

  constructor(private readonly options: BroadcastConsumerOptions) {
    const { kafka, sources, prefix, onTrouble = () => undefined } = options;
    this.sources = new Map(sources.map((source) => [topicOf(source, 'revocations', prefix), source]));
    this.group = `${kafka.clientId}-view-${randomId()}`;
    this.steady = new SteadyConsumer({
      kafka,
      group: {
        ...{ groupId: this.group, sessionTimeout: SESSION_MS, rebalanceTimeout: SESSION_MS, heartbeatInterval: HEARTBEAT_MS },
        ...{ maxWaitTimeInMs: MAX_WAIT_MS, minBytes: 1, allowAutoTopicCreation: false },
        retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
      },
      topics: [...this.sources.keys()],
      fromBeginning: false,
      partitions: 1,
      onBatch: async (payload) => this.hand(payload),
      onAssigned: (assignment) => {
        if (assignment !== null) options.onJoined();
      },
      onTrouble,
    });
  }

  /** Does not wait for a broker. */
  start(): void {
    this.steady.start();
  }

  async stop(): Promise<void> {
    const joined = this.steady.current !== undefined;
    await this.steady.stop();
    if (joined) await this.deleteGroup();
  }

  private hand({ batch: { topic, partition, messages } }: EachBatchPayload): void {
    const source = this.sources.get(topic);
    if (!source) return;
    this.options.onRecords(
      source,
      messages.map((message) => recordOf(partition, decode(message))),
    );
  }

  /** A broker forgets an empty group without offsets some time; this is only tidier. */
  private async deleteGroup(): Promise<void> {
    const admin = kafkaClient(this.options.kafka).admin({ retry: { retries: 0 } });
    try {
      await admin.connect();
      await admin.deleteGroups([this.group]);
    } catch {
      // It may never have come to be, or the broker is away.
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

function recordOf(partition: number, decoded: Decoded): BroadcastRecord {
  if (decoded.type === 'entry' || decoded.type === 'watermark') return { ...decoded, partition };
  return { type: 'unreadable', partition, why: decoded.type === 'unreadable' ? decoded.why : 'an event' };
}
