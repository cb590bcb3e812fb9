import type { Ephemeral } from './ephemeral.js';

/** Runs `sweep` now and then. A failed sweep costs space only: it is reported and tried again at the next turn. */
export class Sweeper {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly ephemeral: Pick<Ephemeral, 'sweep'>,
    private readonly onError: (error: unknown) => void,
    private readonly everyMs = 60_000,
  ) {}

  start(): void {
    this.timer ??= setInterval(() => {
      this.running = this.running.then(() => this.once());
    }, this.everyMs).unref();
  }

  /** Resolves when a sweep under way has ended, so that the pool can be closed after it. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.running;
  }

  private async once(): Promise<void> {
    if (!this.timer) return;
    try {
      await this.ephemeral.sweep();
    } catch (error) {
      this.onError(error);
    }
  }
}
