import { FeedTooLarge } from './feed-events.js';
import type { StreamEnd } from './feed-stream.js';

/** What a server may say of when to come again, and what we begin with. */
const RETRY_MS = { least: 10, usual: 250, most: 5_000 };
/** A feed that is too large is downloaded for nothing, and is as large a moment later. */
const TOO_LARGE_MS = 60_000;

/** When to come again after a stream that ended. */
export class Retry {
  private retryMs = RETRY_MS.usual;
  private failures = 0;

  /** A stream was good for something. */
  proved(): void {
    this.failures = 0;
  }

  /** In milliseconds, spread, and longer from failure to failure. `saidMs`: the server's own word in the stream (`retry`). */
  after({ error, waitMs }: StreamEnd, saidMs: number | undefined): number {
    this.retryMs = Math.min(RETRY_MS.most, Math.max(RETRY_MS.least, saidMs ?? this.retryMs));
    const backoff = Math.min(RETRY_MS.most, this.retryMs * 2 ** this.failures++);
    const least = error instanceof FeedTooLarge ? TOO_LARGE_MS : waitMs;
    return Math.max(least, backoff * (0.5 + Math.random() / 2));
  }
}
