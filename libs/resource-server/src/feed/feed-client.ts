import { type ClientRequest, type IncomingMessage } from 'node:http';
import { send, textOf } from '../wire/send.js';
import { EventStream } from './event-stream.js';
import { FeedError, feedEvent, probeAnswer } from './feed-events.js';
import type { RevocationCopy } from './revocation-copy.js';

export interface FeedClientOptions {
  readonly endpoint: URL;
  readonly authorization: string;
  readonly copy: RevocationCopy;
  readonly probeEveryMs: number;
  /** Something was raised: whoever keeps answers about subjects and clients looks again. */
  readonly onTrouble?: (message: string, error: unknown) => void;
}

const RETRY_MS = 250;
const RETRY_MOST_MS = 5_000;
/** A server that can prove itself does so several times a second. */
const SILENT_MS = 10_000;
const PROBE_MS = 2_000;
const PROBES_AT_ONCE = 4;

/**
 * Keeps one stream of the feed open and asks its probes. It decides nothing: what it brings goes to the copy, which knows what that proves. Whatever
 * goes wrong ends the stream and begins another one; meanwhile the copy grows stale by itself.
 */
export class FeedClient {
  private lastEventId: string | undefined;
  private retryMs = RETRY_MS;
  private failures = 0;
  private asked: ClientRequest | null = null;
  private again: NodeJS.Timeout | undefined;
  private silence: NodeJS.Timeout | undefined;
  private readonly probing: NodeJS.Timeout;
  private probes = 0;
  private streaming = false;
  private stopped = false;

  constructor(private readonly options: FeedClientOptions) {
    this.probing = setInterval(() => void this.probe(), options.probeEveryMs).unref();
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.probing);
    clearTimeout(this.again);
    clearTimeout(this.silence);
    this.asked?.destroy();
  }

  private connect(): void {
    const { endpoint, authorization } = this.options;
    const resuming = this.lastEventId === undefined ? {} : { 'last-event-id': this.lastEventId };
    const asked = send(endpoint, { method: 'GET', headers: { accept: 'text/event-stream', authorization, ...resuming }, agent: false });
    this.asked = asked;
    this.watch(asked);
    asked.on('response', (response) => {
      if (response.statusCode !== 200) {
        response.resume();
        const seconds = Number(response.headers['retry-after']);
        this.broke(
          asked,
          new FeedError(`the feed answered ${response.statusCode}`),
          Number.isFinite(seconds) ? 1_000 * seconds : undefined,
        );
      } else this.follow(asked, response);
    });
    asked.on('error', (error) => this.broke(asked, error));
    asked.on('close', () => this.broke(asked, null));
    asked.end();
  }

  private follow(asked: ClientRequest, response: IncomingMessage): void {
    const stream = new EventStream();
    this.streaming = true;
    response.on('data', (bytes: Buffer) => {
      if (asked !== this.asked) return;
      this.watch(asked);
      try {
        for (const { event, data, id } of stream.read(bytes)) {
          this.take(event, data);
          if (id !== undefined) this.lastEventId = id;
        }
        this.retryMs = stream.retryMs ?? this.retryMs;
      } catch (error) {
        this.startAnew(asked, error);
      }
    });
    response.on('error', (error) => this.broke(asked, error));
    response.on('end', () => this.broke(asked, null));
  }

  private take(name: string, data: string): void {
    const { copy } = this.options;
    const event = feedEvent(name, data);
    if (event.event === 'open') {
      if (!copy.opened(event)) throw new FeedError('the horizon changed');
      void this.probe();
    } else if (event.event === 'ended') copy.addEnded(event.kind, event.at, event.fingerprints);
    else if (event.event === 'raised') copy.addRaised(event.kind, event.raised);
    else if (event.event === 'proof') {
      this.failures = 0;
      copy.shown(event);
    }
  }

  private async probe(): Promise<void> {
    if (!this.streaming || this.probes >= PROBES_AT_ONCE) return;
    const { endpoint, authorization, copy } = this.options;
    const asked = this.asked;
    this.probes++;
    try {
      const url = new URL(endpoint);
      url.pathname += '/probe';
      const id = copy.probe();
      const { status, text } = await textOf(url, { method: 'POST', headers: { authorization }, timeoutMs: PROBE_MS });
      // A server that can't prove itself now says 503: the copy ages, and the next probe may be luckier.
      if (status !== 200 || asked !== this.asked) return;
      if (!copy.answered(id, probeAnswer(text))) throw new FeedError('the log went back');
    } catch (error) {
      if (error instanceof FeedError && asked && asked === this.asked) this.startAnew(asked, error);
    } finally {
      this.probes--;
    }
  }

  /** What came can't be: it is not gone on with, and what the server says next is taken from the beginning. */
  private startAnew(asked: ClientRequest, error: unknown): void {
    this.options.copy.distrust(error instanceof Error ? error.message : 'the stream');
    this.lastEventId = undefined;
    this.broke(asked, error);
  }

  private broke(asked: ClientRequest, error: unknown, waitMs?: number): void {
    if (asked !== this.asked) return;
    this.asked = null;
    this.streaming = false;
    clearTimeout(this.silence);
    asked.destroy();
    if (this.stopped) return;
    if (error) this.options.onTrouble?.('the revocation feed broke off', error);
    const backoff = Math.min(RETRY_MOST_MS, this.retryMs * 2 ** this.failures++);
    this.again = setTimeout(() => this.connect(), Math.max(waitMs ?? 0, backoff * (0.5 + Math.random() / 2)));
  }

  private watch(asked: ClientRequest): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.broke(asked, new FeedError('the feed is silent')), SILENT_MS).unref();
  }
}
