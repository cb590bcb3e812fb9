/**
 * Runs one piece of work again and again: every `everyMs`, and soon after a nudge. Runs never overlap, and a nudge that falls into a run
 * is followed by another whole run: without that, what was committed during a run would wait for the next tick.
 */
export class Ticker {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private following: Promise<void> | undefined;
  private started = false;

  constructor(
    private readonly everyMs: number,
    private readonly work: () => Promise<void>,
    private readonly onError: (error: unknown) => void = () => undefined,
  ) {}

  start(): void {
    if (this.started) return;
    this.started = true;
    this.nudge();
  }

  nudge(): void {
    if (this.started) void this.run();
  }

  /** Resolves when a run that began after this call is over, whatever came of it. */
  run(): Promise<void> {
    if (!this.running) return this.begin();
    this.following ??= this.running.then(() => {
      this.following = undefined;
      return this.begin();
    });
    return this.following;
  }

  /** Waits for what is under way. */
  async stop(): Promise<void> {
    this.started = false;
    clearTimeout(this.timer);
    await this.running;
    await this.following;
    clearTimeout(this.timer);
  }

  private begin(): Promise<void> {
    clearTimeout(this.timer);
    const run = this.once().finally(() => {
      this.running = undefined;
      if (this.started && !this.following) this.timer = setTimeout(() => void this.run(), this.everyMs);
    });
    this.running = run;
    return run;
  }

  private async once(): Promise<void> {
    try {
      await this.work();
    } catch (error) {
      this.onError(error);
    }
  }
}
