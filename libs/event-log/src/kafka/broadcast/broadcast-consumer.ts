import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { SourceName } from '#libs/contracts';
import { randomId } from '#libs/database';
import { Ticker } from '../../ticker.js';
import { type KafkaSettings, type KafkaTrouble, kafkaClient } from '../kafka-client.js';
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

const AGAIN_MS = 1_000;
/** The shortest that brokers allow by default; nobody else is in the group, so it only says how soon a dead one is cleared away. */
const SESSION_MS = 6_000;
const HEARTBEAT_MS = 2_000;
/** How long a fetch may wait for the next record; with a relay alive it is a fifth of that. */
const MAX_WAIT_MS = 1_000;
/** A broker that does not answer must not hold a service that leaves. */
const LEAVE_MS = 2_000;

/**
 * A consumer of every partition, in a group of this process alone, from the end on; it commits nothing. The library restarts some crashes, gives up
 * after others and may live on without reading; here every crash ends the consumer, and a new one with a new group is made, for as long
 * as it takes. Whether it reads at all is nobody's question here: the reader sees that no proof comes.
 */
export class BroadcastConsumer {
  private readonly sources: ReadonlyMap<string, SourceName>;
  private readonly revival: Ticker;
  private live: { consumer: Consumer; group: string } | undefined;
  /** Groups that were left and not yet deleted. */
  private readonly abandoned = new Set<string>();
  private stopped = false;

  constructor(private readonly options: BroadcastConsumerOptions) {
    this.sources = new Map(options.sources.map((source) => [topicOf(source, 'revocations', options.prefix), source]));
    this.revival = new Ticker(AGAIN_MS, () => this.revive());
  }

  /** Does not wait for a broker. */
  start(): void {
    this.revival.start();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    const { live } = this;
    this.live = undefined;
    if (live) await within(LEAVE_MS, this.leave(live));
    await within(LEAVE_MS, this.revival.stop());
    await within(LEAVE_MS, this.deleteGroups());
  }

  private async revive(): Promise<void> {
    if (this.live || this.stopped) return;
    const group = `${this.options.kafka.clientId}-view-${randomId()}`;
    const consumer = kafkaClient(this.options.kafka, this.options.onTrouble).consumer({
      groupId: group,
      ...{ sessionTimeout: SESSION_MS, rebalanceTimeout: SESSION_MS, heartbeatInterval: HEARTBEAT_MS },
      ...{ maxWaitTimeInMs: MAX_WAIT_MS, minBytes: 1, allowAutoTopicCreation: false },
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3, restartOnFailure: async () => false },
    });
    const life = { consumer, group };
    consumer.on(consumer.events.CRASH, () => this.lost(life));
    consumer.on(consumer.events.GROUP_JOIN, () => {
      if (this.live === life) this.options.onJoined();
    });
    this.live = life;
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.sources.keys()], fromBeginning: false });
      await consumer.run({ autoCommit: false, eachBatch: async (payload) => this.hand(life, payload) });
      if (this.stopped) await this.leave(life);
      else await this.deleteGroups();
    } catch {
      // What it was, the client has said to its log.
      this.lost(life);
    }
  }

  private hand(life: { consumer: Consumer }, { batch: { topic, partition, messages } }: EachBatchPayload): void {
    const source = this.sources.get(topic);
    if (!source || this.live !== life) return;
    this.options.onRecords(
      source,
      messages.map((message) => recordOf(partition, decode(message))),
    );
  }

  private lost(life: { consumer: Consumer; group: string }): void {
    if (this.live === life) this.live = undefined;
    void this.leave(life);
  }

  private async leave({ consumer, group }: { consumer: Consumer; group: string }): Promise<void> {
    this.abandoned.add(group);
    await consumer.disconnect().catch(() => undefined);
  }

  /** An empty group without offsets is forgotten by its broker some time; this is only tidier. */
  private async deleteGroups(): Promise<void> {
    if (this.abandoned.size === 0) return;
    const admin = kafkaClient(this.options.kafka).admin({ retry: { retries: 0 } });
    const groups = [...this.abandoned];
    this.abandoned.clear();
    try {
      await admin.connect();
      await admin.deleteGroups(groups);
    } catch {
      // It may never have come to be.
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

function recordOf(partition: number, decoded: Decoded): BroadcastRecord {
  if (decoded.type === 'entry' || decoded.type === 'watermark') return { ...decoded, partition };
  return { type: 'unreadable', partition, why: decoded.type === 'unreadable' ? decoded.why : 'an event' };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
