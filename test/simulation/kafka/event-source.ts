import { KafkaEventSource, type KafkaEventSourceOptions } from '#libs/event-log';
import type { Process } from '../scheduler.js';
import { type KafkaGround, kafkaOf } from './client.js';

interface Timed {
  consumer: { ticker: { run(): Promise<void> } };
  committer: { run(): Promise<void> };
}

/** The real event source of a group and its real consumer, at whose timers the scheduler decides. */
export class SteppedEventSource extends KafkaEventSource {
  constructor(kafka: KafkaGround, process: Process, options: Omit<KafkaEventSourceOptions, 'kafka' | 'partitions'>) {
    super({ ...options, partitions: kafka.partitions, kafka: kafkaOf(kafka, process) });
  }

  /** Nothing to do, if the consumer is there. */
  async join(): Promise<void> {
    await (this as unknown as Timed).consumer.ticker.run();
  }

  async commitOffsets(): Promise<void> {
    await (this as unknown as Timed).committer.run();
  }
}
