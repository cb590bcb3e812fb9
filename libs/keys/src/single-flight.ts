import { KeysUnavailable } from './errors.js';

/**
 * One fetch at a time, and at most one begun per `cooldownMs`: callers with unknown key ids (perhaps made up by an attacker)
 * share it. Within the cooldown they get the last outcome: done, or the same failure.
 */
export class SingleFlight {
  private running: Promise<void> | null = null;
  private begunAt = Number.NEGATIVE_INFINITY;
  private failure: KeysUnavailable | null = null;

  constructor(
    private readonly work: () => Promise<void>,
    private readonly cooldownMs: number,
    private readonly monotonic: () => number,
  ) {}

  async run(): Promise<void> {
    if (this.running) return this.running;
    if (this.monotonic() - this.begunAt < this.cooldownMs) {
      if (this.failure) throw this.failure;
      return;
    }
    this.begunAt = this.monotonic();
    this.running = this.attempt().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** A fetch that begins after this call, whatever the cooldown says: somebody who knows has said that the keys changed. */
  async again(): Promise<void> {
    await this.running?.catch(() => undefined);
    this.begunAt = Number.NEGATIVE_INFINITY;
    return this.run();
  }

  /** For whoever waits for the keys at start: a fetch that failed is tried again, whatever the cooldown says. One at a time, still. */
  async retry(): Promise<void> {
    if (this.failure && !this.running) this.begunAt = Number.NEGATIVE_INFINITY;
    return this.run();
  }

  private async attempt(): Promise<void> {
    try {
      await this.work();
      this.failure = null;
    } catch (cause) {
      this.failure = new KeysUnavailable(`the keys could not be fetched: ${cause instanceof Error ? cause.message : String(cause)}`, {
        cause,
      });
      throw this.failure;
    }
  }
}
