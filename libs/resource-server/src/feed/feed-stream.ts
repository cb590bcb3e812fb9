import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Wire } from '../wire/send.js';
import { EventStream, type StreamEvent } from './event-stream.js';

/** Why a stream ended. `garbage`: what it said can't be; else it only broke off. `waitMs`: when the server wants to be asked again. */
export interface StreamEnd {
  readonly error: unknown;
  readonly garbage: boolean;
  readonly waitMs: number;
}

export interface FeedStreamOptions {
  readonly endpoint: URL;
  readonly authorization: string;
  readonly wire: Wire;
  /** What we have. */
  readonly lastEventId: string | undefined;
  /** After so long without anything that counts the stream is given up. */
  readonly silentMs: number;
  /** What it throws ends the stream as garbage. */
  readonly onEvent: (event: StreamEvent) => void;
  /** Once. */
  readonly onEnd: (end: StreamEnd) => void;
}

const LONGEST_WAIT_MS = 60_000;

/** One stream of the feed, from the question to its end. It keeps no process alive. */
export class FeedStream {
  /** When to come again, by the server's word. */
  retryMs: number | undefined;
  private readonly asked: ClientRequest;
  private silence: NodeJS.Timeout | undefined;
  private ended = false;
  private caughtUp = false;

  constructor(private readonly options: FeedStreamOptions) {
    const { endpoint, authorization, wire, lastEventId } = options;
    const resuming: Record<string, string> = lastEventId === undefined ? {} : { 'last-event-id': lastEventId };
    const asked = wire.open(endpoint, { accept: 'text/event-stream', authorization, ...resuming });
    this.asked = asked;
    this.heard();
    asked.on('socket', (socket) => socket.unref());
    asked.on('response', (response) => this.answered(response));
    asked.on('error', (error) => this.broke(error));
    asked.on('close', () => this.broke(new Error('the feed closed the stream')));
    asked.end();
  }

  /** Until the first proof what is to be kept counts; comments, and events that nobody knows, never do. */
  entry(): void {
    if (!this.caughtUp) this.heard();
  }

  /** From the first proof on nothing counts but a proof that proves something: a feed may well go on talking while it stalls. */
  proof(proved: boolean): void {
    this.caughtUp = true;
    if (proved) this.heard();
  }

  close(): void {
    this.ended = true;
    clearTimeout(this.silence);
    this.asked.destroy();
  }

  private answered(response: IncomingMessage): void {
    response.on('error', (error) => this.broke(error));
    response.on('end', () => this.broke(new Error('the feed ended the stream')));
    const { statusCode, headers } = response;
    if (statusCode !== 200 || !headers['content-type']?.startsWith('text/event-stream')) {
      this.broke(
        new Error(`the feed answered ${statusCode}${statusCode === 200 ? ', and no event stream' : ''}`),
        waitOf(headers['retry-after']),
      );
      return;
    }
    const stream = new EventStream();
    response.on('data', (bytes: Buffer) => this.read(stream, bytes));
  }

  private read(stream: EventStream, bytes: Buffer): void {
    if (this.ended) return;
    try {
      for (const event of stream.read(bytes)) {
        this.options.onEvent(event);
        if (this.ended) return;
      }
      this.retryMs = stream.retryMs;
    } catch (error) {
      this.end({ error, garbage: true, waitMs: 0 });
    }
  }

  private broke(error: Error, waitMs = 0): void {
    this.end({ error, garbage: false, waitMs });
  }

  private end(end: StreamEnd): void {
    if (this.ended) return;
    this.close();
    this.options.onEnd(end);
  }

  private heard(): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.broke(new Error('the feed says nothing that counts')), this.options.silentMs).unref();
  }
}

/** RFC 9110 §10.2.3, in seconds; a date counts for nothing. */
function waitOf(retryAfter: string | undefined): number {
  const seconds = Number(retryAfter ?? 0);
  return seconds > 0 ? Math.min(LONGEST_WAIT_MS, 1_000 * seconds) : 0;
}
