/** What happens, in order, with the milliseconds since the beginning of its chapter; and whether it was what had to happen. */
export class Timeline {
  private zero = performance.now();
  private failures = 0;
  private checks = 0;

  chapter(title: string): void {
    console.log(`\n${title}`);
    this.zero = performance.now();
  }

  /** Counts from here: the moment that what follows is measured against. */
  mark(what: string): void {
    this.line(this.ms(), '•', what);
    this.zero = performance.now();
  }

  /** Does something and says how long it took. */
  async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const result = await work();
    this.line(performance.now() - started, ' ', what);
    return result;
  }

  /** Says when it was known, since the mark. */
  expect(what: string, holds: boolean, detail = ''): void {
    this.checks += 1;
    if (!holds) this.failures += 1;
    this.line(this.ms(), holds ? '✓' : '✗', holds || !detail ? what : `${what}: ${detail}`);
  }

  note(what: string): void {
    console.log(`${' '.repeat(14)}${what}`);
  }

  ms(at = performance.now()): number {
    return at - this.zero;
  }

  line(ms: number, sign: string, what: string): void {
    console.log(`${ms.toFixed(1).padStart(9)} ms ${sign} ${what}`);
  }

  /** The verdict, and the exit code. */
  end(): number {
    console.log(`\n${this.checks - this.failures} of ${this.checks} expectations hold.`);
    return this.failures === 0 ? 0 : 1;
  }
}
