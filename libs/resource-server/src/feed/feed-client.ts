import type { Wire } from '../wire/send.js';
import type { StreamEvent } from './event-stream.js';
import { FeedError, feedEvent, probeAnswer } from './feed-events.js';
import { FeedStream, type StreamEnd } from './feed-stream.js';
import { Retry } from './retry.js';
import type { RevocationCopy } from './revocation-copy.js';

export interface FeedClientOptions {
  readonly endpoint: URL;
  readonly authorization: string;
  readonly wire: Wire;
  readonly copy: RevocationCopy;
  readonly probeEveryMs: number;
  /** How long a stream may say nothing that counts. */
  readonly silentMs?: number;
  readonly onTrouble?: (message: string, error: unknown) => void;
}

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
  private readonly retry = new Retry();
  private stream: FeedStream | null = null;
  private opened = false;
  private again: NodeJS.Timeout | undefined;
  private readonly probing: NodeJS.Timeout;
  private probes = 0;

  constructor(private readonly options: FeedClientOptions) {
    this.probing = setInterval(() => void this.probe(), options.probeEveryMs).unref();
    this.connect();
  }

  stop(): void {
    clearInterval(this.probing);
    clearTimeout(this.again);
    this.stream?.close();
    this.stream = null;
    this.opened = false;
  }

  private connect(): void {
    const { endpoint, authorization, wire, probeEveryMs, silentMs = SILENT_MS } = this.options;
    const stream: FeedStream = new FeedStream({
      ...{ endpoint, authorization, wire, lastEventId: this.lastEventId, silentMs: silentMs + 2 * probeEveryMs },
      onEvent: (event) => this.take(event, stream),
      onEnd: (end) => this.ended(stream, end),
    });
    this.opened = false;
    this.stream = stream;
  }

  private take({ event: name, data, id }: StreamEvent, stream: FeedStream): void {
    const { copy } = this.options;
    const event = feedEvent(name, data);
    if (event.event === 'unknown') return;
    if (event.event !== 'proof') stream.entry();
    if (this.opened === (event.event === 'open')) throw new FeedError('a stream that does not begin once, and with open');
    if (event.event === 'open') {
      // Nothing was sent that could be resumed: what it takes for granted isn't here.
      if (event.resumed && this.lastEventId === undefined) throw new FeedError('resumed, without a position');
      if (!event.resumed) this.lastEventId = undefined;
      copy.opened(event);
      this.opened = true;
      void this.probe();
    } else if (event.event === 'ended') copy.addEnded(event.kind, event.at, event.fingerprints);
    else if (event.event === 'raised') copy.addRaised(event.kind, event.raised);
    else if (event.event === 'proof') {
      // Only now is everything here that the position stands for.
      if (id !== undefined) this.lastEventId = positionOf(id);
      const proved = copy.shown(event);
      if (proved) this.retry.proved();
      stream.proof(proved);
    }
  }

  private async probe(): Promise<void> {
    if (!this.opened || this.probes >= PROBES_AT_ONCE) return;
    const { endpoint, authorization, wire, copy } = this.options;
    const { stream } = this;
    this.probes++;
    try {
      const url = new URL(endpoint);
      url.pathname += '/probe';
      const id = copy.probe();
      const { status, text } = await wire.ask(url, { method: 'POST', headers: { authorization }, timeoutMs: PROBE_MS });
      // A server that can't prove itself now says 503: the copy ages, and the next probe may be luckier.
      if (status === 200 && stream === this.stream) copy.answered(id, probeAnswer(text));
    } catch (error) {
      if (!(error instanceof FeedError) || !stream || stream !== this.stream) return;
      stream.close();
      this.ended(stream, { error, garbage: true, waitMs: 0 });
    } finally {
      this.probes--;
    }
  }

  private ended(stream: FeedStream, end: StreamEnd): void {
    if (stream !== this.stream) return;
    this.stream = null;
    this.opened = false;
    if (end.garbage) this.startAnew(end.error);
    this.options.onTrouble?.('the revocation feed broke off', end.error);
    this.again = setTimeout(() => this.connect(), this.retry.after(end, stream.retryMs)).unref();
  }

  /** What came can't be: it is not gone on with, and what the server says next is taken from the beginning. */
  private startAnew(error: unknown): void {
    this.options.copy.distrust(error instanceof Error ? error.message : 'the stream');
    this.lastEventId = undefined;
  }
}

/** It is sent back in a header. */
function positionOf(id: string): string {
  if (!/^[\x21-\x7e]{1,4096}$/.test(id)) throw new FeedError('an id that is no position');
  return id;
}
