/** Ends what was started, last first, once: by a signal, by a failure, or because something it stands on has gone. */
export class Shutdown {
  running = false;
  private readonly closers: (() => unknown)[] = [];

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void this.onSignal());
  }

  add(closer: () => unknown): void {
    this.closers.push(closer);
  }

  /** Called between two steps of the start: what was asked to stop meanwhile goes no further. */
  check(): void {
    if (this.running) throw new Error('stopping');
  }

  async run(code: number, message?: string): Promise<void> {
    if (this.running) return;
    this.running = true;
    if (message) console.error(`\n${message}`);
    for (const close of this.closers.reverse()) {
      try {
        await close();
      } catch (error) {
        console.error(`While stopping: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    process.exit(code);
  }

  private async onSignal(): Promise<void> {
    // npm passes on the Ctrl-C that the terminal has sent us already: the second one is no impatience.
    if (this.running) return;
    console.log('\nStopping …');
    await this.run(0, undefined);
  }
}
