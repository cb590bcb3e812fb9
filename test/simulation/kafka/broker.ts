import type { Random } from '../random.js';
import type { Process, Scheduler } from '../scheduler.js';
import { type Appended, BrokerLog } from './broker-log.js';

export interface BrokerFaults {
  /** A request that the broker does not take. */
  refused: number;
  /** Taken, and its answer never comes. */
  ackLost: number;
  delayed: number;
  fetchDelayed: number;
  /** Taken, acknowledged, and gone before anybody has read it. */
  vanishes: number;
  /** Taken twice. */
  twice: number;
}

export interface Produced {
  topic: string;
  partition: number;
  messages: readonly Appended[];
}

/** A consumer, as far as a broker may spoil it. */
export interface Reading {
  readonly process: Process;
  fetchAll(): void;
  jump(random: Random): void;
  crash(restart: boolean): void;
}

/** What the library would throw. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
}

const REQUEST_MS = 5_000;
/** Longer than a producer waits: what it has given up may still arrive. */
const LONGEST_DELAY_MS = 6_000;
const ORDINARY_DELAY_MS = 300;
const LONGEST_OUTAGE_MS = 3_000;
/** A lineage that was left drew more tickets than ours ever will here. */
const FAR = 1_000_000;

/**
 * test/simulation/kafka owns a broker that keeps the least it may and breaks every promise it can: it loses what it acknowledged, takes
 * requests twice, late or in part, answers late or never, lets readers skip and read again, and restarts. Nothing in it knows what a message says.
 */
export class SimulatedBroker {
  readonly consumers = new Set<Reading>();
  readonly logs = new Map<string, BrokerLog>();
  /** Group, topic and partition → where to begin. */
  readonly committed = new Map<string, number>();
  down = false;
  private readonly process: Process = { name: 'broker', incarnation: 0, alive: true, paused: false, mourners: new Set() };

  constructor(
    readonly scheduler: Scheduler,
    readonly faults: BrokerFaults,
    private readonly seen: { appended(at: Produced): void; acknowledged(at: Produced): void },
  ) {}

  log(topic: string, partition: number): BrokerLog {
    const name = `${topic}/${partition}`;
    const known = this.logs.get(name) ?? new BrokerLog();
    this.logs.set(name, known);
    return known;
  }

  /** One partition's part of a request: as a whole or not at all. Settles in the asking process, at its own time. */
  append(from: Process, produced: Produced): Promise<void> {
    const { scheduler, faults, process } = this;
    const { random } = scheduler;
    const what = `${produced.messages.length} for ${produced.topic}/${produced.partition}`;
    const refused = random.chance(faults.refused);
    const twice = random.chance(faults.twice);
    const ackLost = random.chance(faults.ackLost);
    return new Promise((resolve, reject) => {
      const giveUp = scheduler.later(from, `gives up ${what}`, REQUEST_MS, () => reject(new BrokerError('Request timed out')));
      const carry = async () => {
        await scheduler.turn(process, `gets ${what} of ${from.name}`, this.delay(LONGEST_DELAY_MS));
        if (this.down || refused) {
          await scheduler.turn(from, `is refused ${what}`, this.delay());
          giveUp();
          return reject(new BrokerError('The broker is not available'));
        }
        if (twice) scheduler.note(`the broker takes ${what} twice`);
        for (let times = twice ? 2 : 1; times > 0; times--) this.take(produced);
        if (ackLost) return scheduler.note(`the broker's answer to ${from.name} about ${what} is lost`);
        this.seen.acknowledged(produced);
        await scheduler.turn(from, `hears that the broker has ${what}`, this.delay());
        giveUp();
        resolve();
      };
      void carry();
    });
  }

  /** Something goes wrong at the broker or on the way from it. */
  happen(): void {
    const { random } = this.scheduler;
    const { logs, consumers } = this;
    const any = [...logs].filter(([, { end }]) => end > 0);
    const watermarked = any.filter(([name]) => name.includes('revocations'));
    if (any.length > 0 && random.chance(0.012)) this.loseSuffix(random.pick(any));
    if (watermarked.length > 0 && random.chance(0.008)) this.hearAnotherLineage(random.pick(watermarked));
    const events = any.filter(([name]) => name.includes('events'));
    if (events.length > 0 && random.chance(0.02)) this.giveAgain(random.pick(events));
    if (consumers.size > 0 && random.chance(0.03)) random.pick([...consumers]).jump(random);
    if (consumers.size > 0 && random.chance(0.004)) random.pick([...consumers]).crash(random.chance(0.5));
    if (!this.down && random.chance(0.002)) this.restart();
  }

  /** Nothing goes wrong any more. */
  calm(): void {
    this.down = false;
    this.wake();
  }

  /** A process that died reads no more. */
  forget(process: Process): void {
    for (const consumer of this.consumers) if (consumer.process === process) this.consumers.delete(consumer);
  }

  wake(): void {
    for (const consumer of this.consumers) consumer.fetchAll();
  }

  delay(longestMs = ORDINARY_DELAY_MS): number {
    const { random } = this.scheduler;
    return random.chance(this.faults.delayed) ? random.below(random.chance(0.2) ? longestMs : ORDINARY_DELAY_MS) : 0;
  }

  fetchDelay(): number {
    const { random } = this.scheduler;
    return random.chance(this.faults.fetchDelayed) ? random.below(ORDINARY_DELAY_MS) : 0;
  }

  private take(produced: Produced): void {
    const log = this.log(produced.topic, produced.partition);
    log.append(produced.messages);
    this.seen.appended(produced);
    if (this.scheduler.random.chance(this.faults.vanishes))
      this.scheduler.note(`the broker loses the last ${log.lose(produced.messages.length)} of ${produced.topic}/${produced.partition}`);
    this.wake();
  }

  private loseSuffix([name, log]: [string, BrokerLog]): void {
    const lost = log.lose(1 + this.scheduler.random.below(4));
    this.scheduler.note(`the broker loses the last ${lost} of ${name}`);
  }

  /** A relay beside a copy of the database that somebody left running: nothing was revoked there, and its tickets are higher. */
  private hearAnotherLineage([name]: [string, BrokerLog]): void {
    const [topic = ''] = name.split('/');
    const value = Buffer.from(JSON.stringify({ ticket: FAR + this.scheduler.steps, last: 0 }));
    for (const [other, log] of this.logs) {
      if (!other.startsWith(`${topic}/`)) continue;
      log.append([{ key: null, value, headers: { 'lanyard-type': 'watermark', 'lanyard-epoch': 'another lineage' } }]);
    }
    this.scheduler.note(`a relay of another lineage speaks in ${topic}`);
    this.wake();
  }

  /** What a database that was lost had published beyond what the one in its place has: its next number, of something else. */
  private giveAgain([name, log]: [string, BrokerLog]): void {
    const [last] = log.read(log.end - 1, 1);
    const number = Number(last?.headers['lanyard-pseq']) + 1;
    if (!last || Number.isNaN(number)) return;
    log.append([{ ...last, headers: { ...last.headers, 'lanyard-epoch': 'another lineage', 'lanyard-pseq': String(number) } }]);
    this.scheduler.note(`a relay of another lineage gives ${number} in ${name}`);
    this.wake();
  }

  private restart(): void {
    this.down = true;
    this.scheduler.note('the broker goes down');
    const ms = this.scheduler.random.below(LONGEST_OUTAGE_MS);
    void this.scheduler.turn(this.process, 'is back', ms).then(() => {
      this.down = false;
      for (const consumer of [...this.consumers]) if (this.scheduler.random.chance(0.5)) consumer.crash(this.scheduler.random.chance(0.5));
      this.wake();
    });
  }
}
