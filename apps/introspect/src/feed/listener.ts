import type { ServerResponse } from 'node:http';

/** Why a stream ended, for the metric. */
export type Ending = 'gone' | 'slow' | 'client_changed' | 'leaving';

/** Bytes that may wait for one reader in this process. Beyond them it is cut; it comes again and resumes, or takes a new snapshot. */
export const MAX_BACKLOG = 512 * 1024;
/** Proofs are left out while more than this waits: entries of this moment may wait, a reader that lags is told the next one. */
const PROOF_BACKLOG = 64 * 1024;
/** A reader that has taken nothing of what waits for it for as long is cut too. */
export const STALLED_MS = 10_000;
/** Bytes a second at which a reader must take what it catches up with, on average while some of it waits: ten million entries are through in seven minutes. */
export const CATCH_UP_FLOOR = 256 * 1024;

/**
 * One stream. It never waits for its reader: entries are written or the stream is cut, proofs that can't be written at once are left out, since the
 * next one says more. So a reader that is slow costs the others nothing, and memory up to MAX_BACKLOG.
 */
export class Listener {
  /** It has everything the view has, so it may be shown proofs. */
  private current = false;
  private ending: Ending | null = null;
  private stalled: { taken: number; since: number } | null = null;
  /** Catching up, how long something has waited for this reader; what this process had not written yet is not its fault. */
  private waitedMs = 0;
  private askedAt: number | null = null;
  private wakeUp: (() => void) | null = null;

  constructor(
    readonly clientId: string,
    private readonly response: ServerResponse,
    private readonly onClosed: (listener: Listener, ending: Ending) => void,
  ) {
    response.on('drain', () => this.wake());
    response.on('close', () => this.ended('gone'));
    response.on('error', () => this.ended('gone'));
  }

  get closed(): boolean {
    return this.ending !== null;
  }

  write(frames: readonly Buffer[]): void {
    for (const frame of frames) {
      if (this.closed) return;
      this.response.write(frame);
      if (this.backlog > MAX_BACKLOG) this.cut('slow');
    }
  }

  prove(proof: Buffer): boolean {
    if (!this.current || this.closed || this.backlog > PROOF_BACKLOG) return false;
    this.response.write(proof);
    return true;
  }

  /** Writes what may be much at the reader's own pace, and lets everything else go on meanwhile; true: all of it. */
  async catchUp(frames: Iterable<Buffer>): Promise<boolean> {
    for (const frame of frames) {
      if (this.closed) return false;
      this.response.write(frame);
      if (this.response.writableNeedDrain) await new Promise<void>((resolve) => (this.wakeUp = resolve));
      else await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.current = true;
    return !this.closed;
  }

  /** The last event, which says when to come again. */
  leave(ending: Ending, last: Buffer): void {
    if (this.closed) return;
    this.response.end(last);
    this.ended(ending);
  }

  /** Asked once a second. */
  cutIfSlow(now: number): void {
    const { socket } = this.response;
    const sinceMs = now - (this.askedAt ?? now);
    this.askedAt = now;
    if (this.backlog === 0 || !socket) {
      this.stalled = null;
      return;
    }
    const taken = socket.bytesWritten - socket.writableLength;
    if (this.stalled?.taken !== taken) this.stalled = { taken, since: now };
    if (!this.current) this.waitedMs += sinceMs;
    const stands = now - this.stalled.since >= STALLED_MS;
    const crawls = !this.current && this.waitedMs >= STALLED_MS && taken < (CATCH_UP_FLOOR * this.waitedMs) / 1_000;
    if (stands || crawls) this.cut('slow');
  }

  private get backlog(): number {
    return this.response.writableLength;
  }

  private cut(ending: Ending): void {
    this.ended(ending);
    this.response.destroy();
  }

  private ended(ending: Ending): void {
    if (this.closed) return;
    this.ending = ending;
    this.wake();
    this.onClosed(this, ending);
  }

  private wake(): void {
    this.wakeUp?.();
    this.wakeUp = null;
  }
}
