import type { Redis } from 'ioredis';
import { BEAR, KNOW, type Script } from './scripts.js';

/** Redis did not answer, or answered that it can't: what its callers do then is the fallback's rule. */
export class RedisAway extends Error {
  override readonly name = 'RedisAway';

  constructor(
    /** It was on its way, so it may be done yet, whenever a stopped server goes on. */
    readonly sent: boolean,
    cause?: unknown,
  ) {
    super('Redis is away', { cause });
  }
}

export interface RedisEvents {
  changed(up: boolean, reason: string): void;
  /** It may have forgotten what it knew: a restart, a fail-over, a flush, an eviction, a clock that leapt. */
  bornAgain(): void;
  failed(kind: 'timeout' | 'connection' | 'refused'): void;
}

export const BORN_KEY = 'lanyard:born';
/** RELIABILITY: nobody's request waits longer for Redis. */
const COMMAND_MS = 50;
const PROBE_MS = 250;
/** Service clocks are readings of one database clock, at most this far apart; a birth is dated that much later. */
const MARGIN_MS = 1_000;
/** Redis' clock went ahead by more: marks have expired before their time. */
const LEAP_MS = 1_000;
const START_MS = 1_000;

type Reply = (number | string | null)[];

/**
 * One Redis as one process sees it: up or away, and since when it has forgotten nothing. One failure makes it away, for everybody at once; then a single probe,
 * four times a second, asks whether it is back. So an outage costs one request its 50 ms and not all of them, and a return is no stampede.
 */
export class RedisStore {
  private up = false;
  private born = 0;
  private closed = false;
  private bearing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | undefined;
  /** What the connection last died of: a refused login, a certificate that is not believed. */
  private why = '';

  constructor(
    private readonly client: Redis,
    private readonly clock: { now(): number },
    private readonly events: RedisEvents,
    private readonly commandMs = COMMAND_MS,
  ) {
    client.on('error', (error: Error) => {
      this.why = error.message;
    });
    client.on('close', () => this.lost(new Error('the connection was closed')));
  }

  get isUp(): boolean {
    return this.up;
  }

  /** Database clock; never goes back, so that of two servers behind one address the one that knows less is believed. */
  get bornAt(): number {
    return this.born;
  }

  get age(): number {
    return this.clock.now() - this.born;
  }

  /** A second at most: a Redis that is away at a start is no reason not to start. */
  async start(): Promise<void> {
    const deadline = performance.now() + START_MS;
    while (!this.up && performance.now() < deadline) {
      await this.probe();
      if (!this.up) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (!this.up) this.events.changed(false, `Redis was not there at the start${this.why ? `: ${this.why}` : ''}`);
    this.again();
  }

  async run(script: Script, key: string, args: readonly (string | number)[] = []): Promise<Reply> {
    if (!this.up) throw new RedisAway(false);
    return this.ask(script, [key], args);
  }

  /** What the server knows of itself, asked now. */
  async know(): Promise<number> {
    if (!this.up) throw new RedisAway(false);
    await this.ask(KNOW, [], []);
    return this.born;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.up = false;
    clearTimeout(this.timer);
    this.client.disconnect();
  }

  private async ask(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply> {
    try {
      for (let attempt = 0; attempt < 3; attempt++) {
        const [time, at, offset, ...rest] = await this.call(script, keys, args);
        const ahead = Number(time) - this.clock.now();
        const known = at !== undefined;
        if (known && Number(at) > this.born) {
          this.born = Number(at);
          this.events.bornAgain();
        }
        if (!known || ahead - Number(offset) > LEAP_MS) await this.bear(ahead, known ? String(at) : '');
        if (known) return rest;
      }
      throw new Error('Redis is born again and again');
    } catch (error) {
      this.lost(error);
      throw new RedisAway(!isUnsent(error), error);
    }
  }

  /** By whoever comes first; the others wait for it. */
  private bear(ahead: number, disbelieved: string): Promise<void> {
    this.bearing ??= this.call(BEAR, [], [Math.round(ahead), disbelieved, MARGIN_MS])
      .then(() => undefined)
      .finally(() => {
        this.bearing = null;
      });
    return this.bearing;
  }

  private async call({ sha, lua }: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<Reply> {
    const all = [BORN_KEY, ...keys];
    const known = this.client.evalsha(sha, all.length, ...all, ...args);
    const answered = known.catch((error: Error) => {
      if (error.message.startsWith('NOSCRIPT')) return this.client.eval(lua, all.length, ...all, ...args);
      throw error;
    });
    return (await within(this.commandMs, answered)) as Reply;
  }

  private lost(error: unknown): void {
    if (this.closed) return;
    this.events.failed(kindOf(error));
    if (!this.up) return;
    this.up = false;
    this.events.changed(false, error instanceof Error ? error.message : String(error));
    this.again();
  }

  private again(): void {
    clearTimeout(this.timer);
    if (this.closed || this.up) return;
    this.timer = setTimeout(() => void this.probe().then(() => this.again()), PROBE_MS * (0.5 + Math.random())).unref();
  }

  private async probe(): Promise<void> {
    if (this.client.status !== 'ready' || this.closed) return;
    const back = await this.ask(KNOW, [], []).then(
      () => true,
      () => false,
    );
    if (!back || this.up || this.closed) return;
    this.up = true;
    this.events.changed(true, 'Redis answers');
  }
}

/** What ioredis says instead of queueing. Everything else may have left this process. */
const isUnsent = (error: unknown) => error instanceof Error && error.message.startsWith("Stream isn't writeable");

class TookTooLong extends Error {}

/** An answer that lies in the socket while this process was busy elsewhere is not late: it is read before the deadline is judged. */
function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new TookTooLong(`no answer of Redis within ${ms} ms`));
    const timer = setTimeout(() => setImmediate(late), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function kindOf(error: unknown): 'timeout' | 'connection' | 'refused' {
  if (error instanceof TookTooLong) return 'timeout';
  return error instanceof Error && error.name === 'ReplyError' ? 'refused' : 'connection';
}
