import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import type { SourceName } from '#libs/contracts';
import type { Database } from '#libs/database';
import { type PartitionId, schemaOf } from '../partitions.js';
import { Ticker } from '../ticker.js';
import { numberRows } from './number-rows.js';
import { relayStep, type StepResult } from './relay-step.js';
import { sweep } from './sweep.js';

/** Where numbered rows go on to, when the log is more than the database. It may be away for as long as it likes: numbering does not wait. */
export interface LogPublisher {
  start(): void;
  offer(results: readonly StepResult[]): void;
  stop(): Promise<void>;
}

export interface RelayOptions {
  publisher?: LogPublisher | undefined;
  everyMs?: number;
  sweepEveryMs?: number;
  onError?: (error: unknown) => void;
  /** What retention had to move to a reader's dead letters: worth an alarm. */
  onMoved?: (rows: number) => void;
  checkpoints?: Checkpoints;
}

/**
 * Numbers what the owner's transactions committed. Any instance runs one; several at once only repeat each other, because numbering
 * happens under the partition's row lock. Call `nudge()` right after a commit; the tick finds what a crashed instance left behind.
 */
export class Relay {
  private readonly ticker: Ticker;
  private readonly sweeper: Ticker;
  private readonly checkpoints: Checkpoints;

  constructor(
    private readonly db: Database,
    private readonly source: SourceName,
    private readonly options: RelayOptions = {},
  ) {
    this.checkpoints = options.checkpoints ?? NO_CHECKPOINTS;
    this.ticker = new Ticker(options.everyMs ?? 200, () => this.stepAll(), options.onError);
    const sweepOnce = async () => {
      const { moved } = await sweep(db, source);
      if (moved > 0) options.onMoved?.(moved);
    };
    this.sweeper = new Ticker(options.sweepEveryMs ?? 60_000, sweepOnce, options.onError);
  }

  start(): void {
    this.options.publisher?.start();
    this.ticker.start();
    this.sweeper.start();
  }

  nudge(): void {
    this.ticker.nudge();
  }

  async stop(): Promise<void> {
    await Promise.all([this.ticker.stop(), this.sweeper.stop()]);
    await this.options.publisher?.stop();
  }

  /**
   * One step on every partition that has work: an idle tick is one indexed read. With a publisher, every partition of revocations has: its
   * readers live by a watermark per tick, also when nothing ends.
   */
  async stepAll(): Promise<void> {
    const s = schemaOf(this.source);
    const { publisher } = this.options;
    const { rows } = await this.db.query<PartitionId & Record<string, unknown>>(
      `SELECT p.stream, p.partition FROM ${s}.outbox_partition p WHERE EXISTS (
         SELECT FROM ${s}.outbox o WHERE o.stream = p.stream AND o.partition = p.partition AND o.pseq IS NULL)
         ${publisher ? "OR p.stream = 'revocations' OR p.published < p.last_pseq" : ''}
       ORDER BY p.stream DESC, p.partition`,
    );
    for (const { stream, partition } of rows) {
      const result = await relayStep(this.db, this.source, { stream, partition }, numberRows, this.checkpoints);
      if (result) publisher?.offer([result]);
    }
  }
}
