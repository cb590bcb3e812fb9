import type { RevocationEntry } from '#libs/contracts';
import type { LocalTime, ReadPlan, ReadResult, Ticket } from '../broadcast/reader-state.js';
import {
  BROADCAST_RULES,
  type BroadcastRules,
  type BroadcastState,
  NEW_BROADCAST,
  type Outcome,
  onRead,
  onRecords,
  onReset,
  onSend,
  onTicket,
  type Sent,
} from '../kafka/broadcast/broadcast-state.js';
import type { BroadcastRecord } from '../kafka/broadcast/followed-partition.js';
import { numberRows } from '../relay/number-rows.js';

/** What may happen, with a number that says where or how much. */
export const HAPPENINGS = [
  ...(['commit', 'commit', 'relay', 'relay', 'relayDiesBeforeMark', 'relayDiesBeforePublish', 'batchAgain', 'lateBatch'] as const),
  // Without these a history seldom comes to where Kafka is what proves.
  ...(['tick', 'tick', 'tick', 'tick', 'relayAll', 'relayAll', 'deliverAll', 'deliverAll'] as const),
  ...(['deliver', 'deliver', 'deliver', 'skip', 'suffixIsLost', 'unreadable'] as const),
  ...(['send', 'draw', 'ticket', 'answer', 'send', 'ticket', 'answer', 'time', 'restart', 'failOver', 'readerRestarts'] as const),
] as const;

export type Happening = readonly [what: (typeof HAPPENINGS)[number], n: number];

interface Row {
  id: string;
  partition: number;
  at: number;
  pseq: number | null;
}

const HORIZON_MS = 4_200_000;
const EPOCH_LOSES = 3;

/** A database, its relay, a broker that lies in every way it may, and one reader with the real reducers. Two partitions. */
export class KafkaHistory {
  private now = 1_000_000;
  private epoch = 0;
  private ticket = 0;
  private rows: Row[] = [];
  private readonly last = [0, 0];
  private readonly published = [0, 0];
  private readonly log: BroadcastRecord[][] = [[], []];
  private readonly late: BroadcastRecord[][] = [];
  private readonly offset = [0, 0];
  private state: BroadcastState = NEW_BROADCAST;
  private sent: Sent | null = null;
  private drawn: Ticket | null = null;
  private asked: { sent: Sent; ticket: Ticket; plan: ReadPlan } | null = null;
  private held = new Set<string>();
  private ids = 0;
  readonly proofs: { sent: number; by: 'records' | 'ticket' | 'read' }[] = [];
  /** A proof that vouched for a set without an end that had been committed before it was sent for. */
  violation: string | null = null;
  reads = 0;

  constructor(private readonly rules: BroadcastRules = BROADCAST_RULES) {}

  happen([what, n]: Happening): void {
    const partition = n % 2;
    if (what === 'commit') this.commit(partition);
    else if (what === 'relay') this.publish(partition, this.batch(partition), true);
    else if (what === 'relayDiesBeforeMark') this.publish(partition, this.batch(partition), false);
    else if (what === 'relayDiesBeforePublish') this.batch(partition);
    else if (what === 'lateBatch') this.late.push(this.batch(partition));
    else if (what === 'batchAgain') this.publishLate(n);
    else if (what === 'tick') this.tick();
    else if (what === 'relayAll') for (const each of [0, 1]) this.happen(['relay', each]);
    else if (what === 'deliverAll') for (const each of [0, 1]) this.deliver(each, Number.POSITIVE_INFINITY);
    else if (what === 'deliver') this.deliver(partition, 1 + (n % 5));
    else if (what === 'skip') this.skip(partition, 1 + (n % 4));
    else if (what === 'suffixIsLost') this.loseSuffix(partition, 1 + (n % 3));
    else if (what === 'unreadable') this.deliver(partition, 1, true);
    else if (what === 'send') this.send();
    else if (what === 'draw') this.draw();
    else if (what === 'ticket') this.answerTicket();
    else if (what === 'answer') this.answerRead();
    else if (what === 'time') this.now += 20 + (n % 200);
    else if (what === 'restart') this.newEpoch(0);
    else if (what === 'failOver') this.newEpoch(1 + (n % EPOCH_LOSES));
    else this.restartReader();
  }

  /** A second of a healthy system. */
  calm(): void {
    for (let tick = 0; tick < 5; tick++) this.tick();
  }

  private tick(): void {
    this.now += 200;
    this.send();
    this.answerTicket();
    this.answerRead();
    this.happen(['relayAll', 0]);
    this.happen(['deliverAll', 0]);
  }

  get time(): number {
    return this.now;
  }

  private commit(partition: number): void {
    this.rows.push({ id: `${++this.ids}`, partition, at: ++this.now, pseq: null });
  }

  /** A relay's step: numbers, and what is after `published`, with its watermark. */
  private batch(partition: number): BroadcastRecord[] {
    const ticket = ++this.ticket;
    const mine = this.rows.filter((row) => row.partition === partition);
    const { numbers, last } = numberRows(
      this.last[partition] ?? 0,
      mine.flatMap((row) => (row.pseq === null ? Number(row.id) : [])),
    );
    for (const [n, row] of mine.filter(({ pseq }) => pseq === null).entries()) row.pseq = numbers[n] ?? null;
    this.last[partition] = last;
    const epoch = `e${this.epoch}`;
    const entries = mine
      .filter((row) => (row.pseq ?? 0) > (this.published[partition] ?? 0))
      .map((row): BroadcastRecord => ({ type: 'entry', partition, epoch, pseq: row.pseq ?? 0, entry: entryOf(row) }));
    return [...entries, { type: 'watermark', partition, epoch, ticket, last }];
  }

  private publish(partition: number, batch: BroadcastRecord[], marks: boolean): void {
    this.log[partition]?.push(...batch);
    const watermark = batch.at(-1);
    if (marks && watermark?.type === 'watermark') this.published[partition] = watermark.last;
  }

  private publishLate(n: number): void {
    const batch = this.late[n % Math.max(1, this.late.length)];
    if (batch?.[0]) this.log[batch[0].partition]?.push(...batch);
  }

  private deliver(partition: number, count: number, unreadable = false): void {
    const from = this.offset[partition] ?? 0;
    const records = (this.log[partition] ?? []).slice(from, from + count);
    this.offset[partition] = from + records.length;
    const given = unreadable ? records.map((): BroadcastRecord => ({ type: 'unreadable', partition, why: 'a test' })) : records;
    if (given.length > 0) this.absorb(onRecords(this.state, given, this.now, this.rules), 'records');
  }

  private skip(partition: number, count: number): void {
    this.offset[partition] = Math.min(this.log[partition]?.length ?? 0, (this.offset[partition] ?? 0) + count);
  }

  /** The broker loses what it has acknowledged; whoever stood behind the new end is sent there, and told only if it was noticed. */
  private loseSuffix(partition: number, count: number): void {
    const log = this.log[partition] ?? [];
    log.splice(Math.max(0, log.length - count));
    if ((this.offset[partition] ?? 0) <= log.length) return;
    this.offset[partition] = log.length;
    if (count > 1) this.state = onReset(this.state, 'the offset is out of range');
  }

  private send(): void {
    if (this.sent === null && this.asked === null) this.sent = onSend(this.state, this.localTime());
    this.now++;
  }

  /** On its way back the log may overtake it. */
  private draw(): void {
    if (this.sent === null || this.drawn !== null) return;
    this.drawn = { ticket: ++this.ticket, epoch: `e${this.epoch}`, dbTime: this.now, unpassedSince: this.now };
    this.now++;
  }

  private answerTicket(): void {
    this.draw();
    if (this.sent === null || this.drawn === null) return;
    const ticket = this.drawn;
    this.drawn = null;
    const outcome = onTicket(this.state, this.sent, ticket, this.localTime(), HORIZON_MS, this.rules);
    if (outcome.plan) this.asked = { sent: this.sent, ticket, plan: outcome.plan };
    this.sent = null;
    this.absorb(outcome, 'ticket');
    this.now++;
  }

  private answerRead(): void {
    if (this.asked === null) return;
    const { sent, ticket, plan } = this.asked;
    this.asked = null;
    this.reads++;
    // One connection: a database that took the other's place answers nothing that was asked of the other.
    if (ticket.epoch !== `e${this.epoch}`) return;
    this.absorb(onRead(this.state, plan, ticket, this.read(plan), sent, HORIZON_MS, this.rules), 'read');
  }

  private read(plan: ReadPlan): ReadResult {
    const wanted = this.rows.filter(
      (row) => row.pseq === null || (plan.read === 'after' ? row.pseq > (plan.positions.get(row.partition) ?? 0) : row.at >= plan.since),
    );
    const records = wanted.map((row) => ({ partition: row.partition, pseq: row.pseq, at: row.at, entry: entryOf(row) }));
    return { records, lastNumbers: new Map(this.last.map((last, partition) => [partition, last])) };
  }

  private absorb(outcome: Outcome, by: 'records' | 'ticket' | 'read'): void {
    this.state = outcome.state;
    for (const entry of outcome.entries) this.held.add(entry.id);
    if (outcome.proof === null) return;
    const sent = outcome.proof.sent.monotonic;
    this.proofs.push({ sent, by });
    const lacking = this.rows.find((row) => row.at < sent && !this.held.has(row.id));
    if (lacking) this.violation ??= `proven as of ${sent} by ${by} without ${lacking.id}, which was committed at ${lacking.at}`;
  }

  /** What was not yet replicated is gone, with its numbers, and tickets begin below; the log keeps what it has. */
  private newEpoch(lost: number): void {
    this.epoch++;
    this.sent = null;
    this.drawn = null;
    const gone = new Set(lost > 0 ? this.rows.slice(-lost) : []);
    this.rows = this.rows.filter((row) => !gone.has(row));
    if (lost > 0) this.ticket = Math.max(0, this.ticket - 24 * lost);
    for (const partition of [0, 1]) {
      const numbers = this.rows.flatMap((row) => (row.partition === partition && row.pseq !== null ? row.pseq : []));
      // A row that is gone below others would leave a hole: numbers are replicated in their order.
      if (lost > 0) this.renumber(partition, numbers);
    }
  }

  private renumber(partition: number, numbers: number[]): void {
    let whole = 0;
    while (numbers.includes(whole + 1)) whole++;
    for (const row of this.rows) if (row.partition === partition && row.pseq !== null && row.pseq > whole) row.pseq = null;
    this.last[partition] = whole;
    this.published[partition] = Math.min(this.published[partition] ?? 0, whole);
  }

  private restartReader(): void {
    this.state = NEW_BROADCAST;
    this.held = new Set();
    this.sent = null;
    this.drawn = null;
    this.asked = null;
    for (const partition of [0, 1]) this.offset[partition] = this.log[partition]?.length ?? 0;
  }

  private localTime(): LocalTime {
    return { monotonic: this.now, wall: this.now };
  }
}

function entryOf(row: Row): RevocationEntry {
  return { kind: 'session', id: row.id, at: row.at };
}
