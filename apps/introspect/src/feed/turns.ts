/** Work of which only so many may be under way at once; the others wait in the order they came. */
export class Turns {
  private under = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly atOnce: number) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.under >= this.atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.under++;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.under--;
    }
  }
}
