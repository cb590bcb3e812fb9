import { unavailable } from '#libs/protocol';

/**
 * Bounds what passwords may cost: each hash takes 19 MiB and some 10 ms of a core, so a flood of sign-ins would otherwise eat
 * the process. A full queue is a 503 with Retry-After, at once, instead of a minute's wait for everyone (SECURITY, Passwords).
 */
export class HashingQueue {
  private running = 0;
  /** Since the process began. */
  readonly counts = { done: 0, refused: 0 };
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly concurrency = 4,
    private readonly maxWaiting = 100,
  ) {}

  get load(): { running: number; waiting: number } {
    return { running: this.running, waiting: this.waiting.length };
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.concurrency) {
      if (this.waiting.length >= this.maxWaiting) {
        this.counts.refused += 1;
        throw unavailable('the password hashing queue is full', 2);
      }
      // The slot is handed over, not freed: a newcomer can't overtake those who wait.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else {
      this.running += 1;
    }
    try {
      return await work();
    } finally {
      this.counts.done += 1;
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
