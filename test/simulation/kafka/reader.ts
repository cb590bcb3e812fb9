import type { SourceName } from '#libs/contracts';
import {
  type BroadcastHandlers,
  type BroadcastReader,
  type BroadcastRules,
  type FetchRules,
  KafkaBroadcastReader,
  type PostgresLogReaderOptions,
} from '#libs/event-log';
import type { Process, Scheduler } from '../scheduler.js';
import type { Altered } from './altered-publisher.js';
import { type KafkaGround, kafkaOf } from './client.js';

export interface KafkaTampering {
  rules?: Partial<BroadcastRules>;
  /** Alters one part of a publisher. */
  publisher?: Altered;
  /** The consumer subscribes only when the database has been read, and nobody is told. */
  joinsLate?: boolean;
  /** Of group readers' stores. */
  fetching?: Partial<FetchRules>;
  /** Group readers find nothing in the owners' outboxes. */
  asksNobody?: boolean;
}

interface Real {
  handlers: BroadcastHandlers;
  step(source: SourceName): Promise<void>;
  consumer: { steady: { ticker: { run(): Promise<void> } } };
  received(source: SourceName, records: readonly unknown[]): void;
  joined(): void;
  states: ReadonlyMap<SourceName, unknown>;
}

/** The real reader and its real consumer, at whose timers the scheduler decides. */
export class SteppedKafkaReader implements BroadcastReader {
  private readonly real: Real;
  private started = false;
  private receiving = false;

  constructor(
    kafka: KafkaGround,
    private readonly process: Process,
    private readonly scheduler: Scheduler,
    options: PostgresLogReaderOptions,
    private readonly tamper: KafkaTampering,
  ) {
    const onRead = (source: SourceName, why: string | null) =>
      this.scheduler.note(`${process.name} has read ${source} from the database: ${why ?? 'the log does not move'}`);
    const settings = kafkaOf(kafka, process);
    const reader = new KafkaBroadcastReader({ ...options, kafka: settings, onRead, rules: tamper.rules ?? {} });
    this.real = reader as unknown as Real;
    const received = this.real.received.bind(reader);
    this.real.received = (...given) => {
      this.receiving = true;
      received(...given);
      this.receiving = false;
    };
    if (tamper.joinsLate) this.real.joined = () => undefined;
  }

  start(handlers: BroadcastHandlers): Promise<void> {
    this.started = true;
    this.real.handlers = {
      ...handlers,
      onProof: (source, proof) => {
        if (this.receiving) this.scheduler.note(`${this.process.name} is complete by the log of ${source}`);
        handlers.onProof(source, proof);
      },
    };
    if (!this.tamper.joinsLate) void this.join();
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** Before the view is registered nothing is read. */
  async probe(source: SourceName): Promise<void> {
    if (this.started) await this.real.step(source);
  }

  /** Nothing to do, if the consumer is there. */
  async join(): Promise<void> {
    if (!this.started) return;
    if (this.tamper.joinsLate && this.real.states.size === 0) return;
    await this.real.consumer.steady.ticker.run();
  }
}
