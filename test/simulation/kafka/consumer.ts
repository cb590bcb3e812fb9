import type { EachBatchPayload } from 'kafkajs';
import type { Random } from '../random.js';
import type { Process } from '../scheduler.js';
import { BrokerError, type Reading, type SimulatedBroker } from './broker.js';

type Listener = (event: { payload: Record<string, unknown> }) => void;
type EachBatch = (payload: EachBatchPayload) => Promise<void>;

interface Followed {
  topic: string;
  partition: number;
  offset: number;
  paused: boolean;
  fetching: boolean;
}

const LONGEST_JOIN_MS = 3_000;
const MOST_AT_ONCE = 4;

/** What stands where the library's consumer does. It joins, finds where to begin, and fetches as long as there is something. */
export class SimulatedConsumer implements Reading {
  readonly events = { GROUP_JOIN: 'group join', CRASH: 'crash' };
  private readonly listeners = new Map<string, Listener>();
  private topics: readonly string[] = [];
  private fromBeginning = false;
  private eachBatch: EachBatch = () => Promise.resolve();
  private followed: Followed[] = [];
  /** Grows with every join: what was under way for an earlier one comes to nothing. */
  private joins = 0;

  constructor(
    private readonly broker: SimulatedBroker,
    readonly process: Process,
    private readonly group: string,
    private readonly partitions: number,
  ) {}

  on(name: string, listener: Listener): void {
    this.listeners.set(name, listener);
  }

  async connect(): Promise<void> {
    await this.turn('looks for the broker');
    if (this.broker.down) throw new BrokerError('The broker is not available');
  }

  async subscribe({ topics, fromBeginning }: { topics: readonly string[]; fromBeginning: boolean }): Promise<void> {
    Object.assign(this, { topics, fromBeginning });
  }

  async run({ eachBatch }: { eachBatch: EachBatch }): Promise<void> {
    this.eachBatch = eachBatch;
    this.broker.consumers.add(this);
    await this.join();
  }

  async disconnect(): Promise<void> {
    this.joins++;
    this.followed = [];
    this.broker.consumers.delete(this);
  }

  pause(topics: readonly { topic: string; partitions?: number[] }[]): void {
    for (const at of this.of(topics)) at.paused = true;
  }

  resume(topics: readonly { topic: string; partitions?: number[] }[]): void {
    for (const at of this.of(topics)) at.paused = false;
    this.fetchAll();
  }

  paused(): { topic: string; partitions: number[] }[] {
    return this.followed.filter(({ paused }) => paused).map(({ topic, partition }) => ({ topic, partitions: [partition] }));
  }

  async commitOffsets(offsets: readonly { topic: string; partition: number; offset: string }[]): Promise<void> {
    await this.turn('commits its offsets');
    if (this.broker.down) throw new BrokerError('The broker is not available');
    for (const { topic, partition, offset } of offsets) this.broker.committed.set(`${this.group} ${topic}/${partition}`, Number(offset));
  }

  /** Goes on somewhere else, and is not told. */
  jump(random: Random): void {
    const open = this.followed.filter(({ topic, partition }) => this.broker.log(topic, partition).end > 0);
    if (open.length === 0) return;
    const at = random.pick(open);
    const by = random.chance(0.7) ? 1 + random.below(3) : -1 - random.below(3);
    at.offset = Math.max(0, Math.min(at.offset + by, this.broker.log(at.topic, at.partition).end + 1));
    this.broker.scheduler.note(`${this.process.name} goes on ${by > 0 ? 'later' : 'earlier'} in ${at.topic}/${at.partition}, untold`);
    this.fetch(at);
  }

  /** The library starts again what it calls retriable, and leaves the rest to whoever uses it. */
  crash(restart: boolean): void {
    this.broker.scheduler.note(`${this.process.name}'s consumer crashes${restart ? '' : ' for good'}`);
    this.joins++;
    this.followed = [];
    this.tell(this.events.CRASH, { restart });
    if (restart) void this.join().catch(() => undefined);
    else this.broker.consumers.delete(this);
  }

  fetchAll(): void {
    for (const at of this.followed) this.fetch(at);
  }

  private async join(): Promise<void> {
    const join = ++this.joins;
    await this.turn('joins its group', LONGEST_JOIN_MS);
    if (join !== this.joins) return;
    if (this.broker.down) return this.crash(false);
    const partitions = Array.from({ length: this.partitions }, (_, partition) => partition);
    const all = this.topics.flatMap((topic) => partitions.map((partition) => ({ topic, partition })));
    this.tell(this.events.GROUP_JOIN, { memberAssignment: Object.fromEntries(this.topics.map((topic) => [topic, partitions])) });
    // Where to begin is asked after that: what comes in between belongs to nobody.
    await this.turn('asks where to begin');
    if (join !== this.joins) return;
    this.followed = all.map(({ topic, partition }) => ({
      topic,
      partition,
      offset: this.begin(topic, partition),
      paused: false,
      fetching: false,
    }));
    this.fetchAll();
  }

  private begin(topic: string, partition: number): number {
    return this.broker.committed.get(`${this.group} ${topic}/${partition}`) ?? this.anew(topic, partition);
  }

  private anew(topic: string, partition: number): number {
    return this.fromBeginning ? 0 : this.broker.log(topic, partition).end;
  }

  private fetch(at: Followed): void {
    const { topic, partition } = at;
    if (at.fetching || at.paused || this.broker.down || this.broker.log(topic, partition).end === at.offset) return;
    at.fetching = true;
    const { joins } = this;
    void this.broker.scheduler.turn(this.process, `fetches ${topic}/${partition}`, this.broker.fetchDelay()).then(async () => {
      at.fetching = false;
      if (joins !== this.joins || at.paused || this.broker.down) return;
      const log = this.broker.log(topic, partition);
      // Out of range: the log is shorter than it was.
      if (at.offset > log.end) at.offset = this.anew(topic, partition);
      const messages = log.read(at.offset, 1 + this.broker.scheduler.random.below(MOST_AT_ONCE));
      at.offset += messages.length;
      if (messages.length > 0) await this.eachBatch({ batch: { topic, partition, messages } } as unknown as EachBatchPayload);
      if (joins === this.joins) this.fetch(at);
    });
  }

  private of(topics: readonly { topic: string; partitions?: number[] }[]): Followed[] {
    return this.followed.filter((at) =>
      topics.some(({ topic, partitions }) => topic === at.topic && (partitions?.includes(at.partition) ?? true)),
    );
  }

  private tell(name: string, payload: Record<string, unknown>): void {
    this.listeners.get(name)?.({ payload });
  }

  private turn(what: string, longestMs?: number): Promise<void> {
    return this.broker.scheduler.turn(this.process, what, this.broker.delay(longestMs));
  }
}
