import type { Consumer, ConsumerConfig, EachBatchPayload } from 'kafkajs';
import { Ticker } from '../ticker.js';
import { type KafkaSettings, type KafkaTrouble, kafkaClient } from './kafka-client.js';

export interface SteadyConsumerOptions {
  kafka: KafkaSettings;
  group: ConsumerConfig;
  topics: readonly string[];
  fromBeginning: boolean;
  /** How many partitions are handed in side by side. */
  partitions: number;
  /** Must be quick: the library's heartbeats wait for it. */
  onBatch(payload: EachBatchPayload): Promise<void>;
  /** Topic → partitions, whenever the group has been joined; null: not in the group any more. */
  onAssigned(assignment: Readonly<Record<string, readonly number[]>> | null): void;
  onTrouble: KafkaTrouble;
}

/** Between two tries that fail: a broker that starts has every reader of a cluster before it, and each try is several requests. */
const AGAIN_MS = 500;
const LEAVE_MS = 5_000;
const RETRIES = 5;

/**
 * A consumer that is always there or on its way back. The library gives a consumer up on its own terms (a crash it calls not retriable, a broker
 * that is away at the start) and leaves a live process that reads nothing; here such a consumer is thrown away and made anew.
 */
export class SteadyConsumer {
  private readonly ticker: Ticker;
  private consumer: Consumer | undefined;
  private stopped = false;

  constructor(private readonly options: SteadyConsumerOptions) {
    this.ticker = new Ticker(
      AGAIN_MS,
      () => this.ensure(),
      (error) => options.onTrouble('kafka: the group could not be joined', { group: options.group.groupId, error: String(error) }),
    );
  }

  start(): void {
    this.ticker.start();
  }

  /** The library throws where there is no group (not joined yet, or crashed a moment ago); nothing is paused there. Without partitions: all of them. */
  resume(partitions?: { topic: string; partitions: number[] }): void {
    const { consumer } = this;
    try {
      consumer?.resume(partitions ? [partitions] : consumer.paused());
    } catch {
      // Whoever joins begins with nothing paused.
    }
  }

  /** The library's consumer while there is one: to commit and to pause. */
  get current(): Consumer | undefined {
    return this.consumer;
  }

  /** Leaves the group, so that the others take over at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    const consumer = this.consumer;
    this.consumer = undefined;
    await Promise.all([within(LEAVE_MS, this.ticker.stop()), within(LEAVE_MS, discard(consumer))]);
  }

  private async ensure(): Promise<void> {
    if (this.consumer || this.stopped) return;
    const { kafka, group, topics, fromBeginning, partitions, onBatch, onAssigned, onTrouble } = this.options;
    // The library would restart it after it was stopped, when it crashes meanwhile: a consumer that nobody holds and that never ends.
    const retry = { retries: RETRIES, ...group.retry, restartOnFailure: async () => false };
    const consumer = kafkaClient(kafka, onTrouble).consumer({ ...group, retry });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => onAssigned(payload.memberAssignment));
    consumer.on(consumer.events.CRASH, () => {
      void this.letGo(consumer).then(() => this.ticker.nudge());
      onAssigned(null);
    });
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning });
      if (this.stopped) return await discard(consumer);
      this.consumer = consumer;
      await consumer.run({ autoCommit: false, partitionsConsumedConcurrently: partitions, eachBatch: onBatch });
      // Told to stop while it joined, the library goes on all the same.
      if (this.stopped) await discard(consumer);
    } catch (error) {
      await this.letGo(consumer);
      throw error;
    }
  }

  private async letGo(consumer: Consumer): Promise<void> {
    if (this.consumer === consumer) this.consumer = undefined;
    await within(LEAVE_MS, discard(consumer));
  }
}

async function discard(consumer: Consumer | undefined): Promise<void> {
  await consumer?.disconnect().catch(() => undefined);
}

/** A broker that does not answer must not hold up a process that wants to go. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
