import { type EventSource, KafkaEventSource, type KafkaEventSourceOptions } from '#libs/event-log';
import type { Process } from '../scheduler.js';
import { type KafkaGround, kafkaOf } from './client.js';

interface Timed {
  consumer: { ticker: { run(): Promise<void> } };
  committer: { run(): Promise<void> };
}

/** The real event source of a group and its real consumer, at whose timers the scheduler decides. */
export class SteppedEventSource extends KafkaEventSource {
  /** `asksNobody`: learns the owner's epoch, and is not told what its outbox holds. */
  constructor(
    kafka: KafkaGround,
    process: Process,
    options: Omit<KafkaEventSourceOptions, 'kafka' | 'partitions'>,
    private readonly asksNobody = false,
  ) {
    super({ ...options, partitions: kafka.partitions, kafka: kafkaOf(kafka, process) });
  }

  override async read(...[id, from, limit]: Parameters<EventSource['read']>): ReturnType<EventSource['read']> {
    const batch = await super.read(id, from, limit);
    return this.asksNobody && 'epoch' in batch ? { records: [], last: from.position, swept: 0 } : batch;
  }

  /** Nothing to do, if the consumer is there. */
  async join(): Promise<void> {
    await (this as unknown as Timed).consumer.ticker.run();
  }

  async commitOffsets(): Promise<void> {
    await (this as unknown as Timed).committer.run();
  }
}
