import type { Producer } from 'kafkajs';
import type { SourceName } from '#libs/contracts';
import type { Database } from '#libs/database';
import { schemaOf } from '../partitions.js';
import type { StepResult } from '../relay/relay-step.js';
import { Ticker } from '../ticker.js';
import { type KafkaSettings, type KafkaTrouble, kafkaClient } from './kafka-client.js';
import { topicOf } from './topic-names.js';
import { encodeRow, encodeWatermark, type LogMessage, type LogRow } from './wire.js';

export interface PublisherOptions {
  prefix?: string | undefined;
  onTrouble?: KafkaTrouble;
  onError?: (error: unknown) => void;
  /** Rows in one request; more wait for the next. */
  batch?: number;
}

/** A request is at most this many rows of 64 KiB at the very worst; ordinary ones have 200 bytes. */
const BATCH = 500;
const BATCH_BYTES = 512 * 1024;
const AGAIN_MS = 1_000;

interface Row extends Omit<LogRow, 'pseq' | 'at'> {
  pseq: string | number | null;
  at: string | number;
}

/**
 * The second half of a relay step (RELIABILITY 3 c, d): [the rows after `published`, W], in order, to the row's own partition, acknowledged by all replicas;
 * then the mark. A batch cut short carries no W; a failure leaves the mark, so the next one repeats, and readers know duplicates by number.
 * It runs beside numbering and never holds it up: a broker that is away costs readers of the database nothing.
 */
export class KafkaPublisher {
  private readonly offers = new Map<string, StepResult>();
  private readonly ticker: Ticker;
  private producer: Promise<Producer> | undefined;

  constructor(
    private readonly db: Database,
    private readonly source: SourceName,
    private readonly kafka: KafkaSettings,
    private readonly options: PublisherOptions = {},
  ) {
    this.ticker = new Ticker(AGAIN_MS, () => this.publishAll(), options.onError);
  }

  start(): void {
    this.ticker.start();
  }

  /** What numbering found; a later ticket takes the place of one that was not published yet, because it says more. */
  offer(results: readonly StepResult[]): void {
    for (const result of results) this.offers.set(`${result.stream}/${result.partition}`, result);
    if (results.length > 0) this.ticker.nudge();
  }

  async stop(): Promise<void> {
    await this.ticker.stop();
    await this.forget();
  }

  /** Everything offered so far. One request at a time, so one batch in flight per partition. */
  async publishAll(): Promise<void> {
    while (this.offers.size > 0) {
      const offers = [...this.offers.values()];
      this.offers.clear();
      try {
        await this.publish(offers);
      } catch (error) {
        for (const offer of offers) {
          const key = `${offer.stream}/${offer.partition}`;
          if (!this.offers.has(key)) this.offers.set(key, offer);
        }
        throw error;
      }
    }
  }

  private async publish(offers: readonly StepResult[]): Promise<void> {
    const cut: StepResult[] = [];
    const read = await Promise.all(offers.map(async (offer) => ({ offer, ...(await this.batchOf(offer)) })));
    // An offer that waited out a fail-over says nothing about the database there is now: numbering makes a new one.
    const batches = read.filter(({ offer, epoch }) => offer.epoch === epoch);
    await this.send(batches);
    for (const { offer, rows, complete } of batches) {
      if (rows.length > 0) await this.mark(offer, complete ? offer.last : Number(rows.at(-1)?.pseq));
      if (!complete) cut.push(offer);
    }
    if (cut.length > 0) await this.publish(cut);
  }

  /** Rows and the epoch that they are of, in one statement: of two connections in a pool, one may lead to the primary that was left behind. */
  private async batchOf({
    stream,
    partition,
    last,
  }: StepResult): Promise<{ rows: LogRow[]; complete: boolean; epoch: string | undefined }> {
    const s = schemaOf(this.source);
    const limit = this.options.batch ?? BATCH;
    const { rows } = await this.db.query<Row & { epoch: string } & Record<string, unknown>>(
      `SELECT ${s}.log_epoch() AS epoch, o.pseq, o.event_id, o.key, o.name, o.version, o.body, lanyard.ms(o.created_at) AS at
       FROM ${s}.outbox_partition p LEFT JOIN LATERAL (
         SELECT * FROM ${s}.outbox o WHERE o.stream = p.stream AND o.partition = p.partition AND o.pseq > p.published AND o.pseq <= $3
         ORDER BY o.pseq LIMIT $4) o ON true
       WHERE p.stream = $1 AND p.partition = $2 ORDER BY o.pseq`,
      [stream, partition, last, limit],
    );
    const all = rows.flatMap(({ epoch: _epoch, ...row }) =>
      row.pseq === null ? [] : [{ ...row, pseq: Number(row.pseq), at: Number(row.at) }],
    );
    const fitting = fittingOf(all);
    return { rows: fitting, complete: fitting.length === all.length && all.length < limit, epoch: rows[0]?.epoch };
  }

  private async send(batches: readonly { offer: StepResult; rows: LogRow[]; complete: boolean }[]): Promise<void> {
    const topicMessages = batches
      .map(({ offer, rows, complete }) => ({
        topic: topicOf(this.source, offer.stream, this.options.prefix),
        messages: messagesOf(offer, rows, complete).map((message) => ({ ...message, partition: offer.partition })),
      }))
      .filter(({ messages }) => messages.length > 0);
    if (topicMessages.length === 0) return;
    try {
      await (await this.connected()).sendBatch({ acks: -1, topicMessages });
    } catch (error) {
      // Which of its numbers the broker took is not known: a new producer begins a new sequence, and the rows come again.
      await this.forget();
      throw error;
    }
  }

  private async mark({ stream, partition, epoch }: StepResult, published: number): Promise<void> {
    const s = schemaOf(this.source);
    await this.db.query(
      `UPDATE ${s}.outbox_partition SET published = greatest(published, $3) WHERE stream = $1 AND partition = $2 AND ${s}.log_epoch() = $4`,
      [stream, partition, published, epoch],
    );
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.connect();
    return this.producer;
  }

  private async connect(): Promise<Producer> {
    const producer = kafkaClient(this.kafka, this.options.onTrouble).producer({
      ...{ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false },
      retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 3 },
    });
    await producer.connect();
    return producer;
  }

  private async forget(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    await producer?.then((one) => one.disconnect()).catch(() => undefined);
  }
}

/** Events carry no watermark: their readers miss nothing by it, because they wait for every number. */
function messagesOf({ stream, epoch, ticket, last }: StepResult, rows: readonly LogRow[], complete: boolean): LogMessage[] {
  const type = stream === 'events' ? 'event' : 'entry';
  const messages = rows.map((row) => encodeRow(type, epoch, row));
  return complete && stream === 'revocations' ? [...messages, encodeWatermark(epoch, ticket, last)] : messages;
}

/** As many as one request may hold, and at least one. */
function fittingOf(rows: readonly LogRow[]): LogRow[] {
  let bytes = 0;
  const until = rows.findIndex((row, index) => {
    bytes += Buffer.byteLength(JSON.stringify(row.body)) + Buffer.byteLength(row.key) + 200;
    return index > 0 && bytes > BATCH_BYTES;
  });
  return until === -1 ? [...rows] : rows.slice(0, until);
}
