/**
 * Work of which only so many begin at once; the others wait in the order they came. A turn ends after `longestMs`: work that is not through by then
 * goes on, and keeps nobody waiting.
 */
export class Turns {
  private under = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly atOnce: number,
    private readonly longestMs: number,
  ) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.under >= this.atOnce) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.under++;
    let over = false;
    const end = () => {
      if (!over) this.pass();
      over = true;
    };
    const limit = setTimeout(end, this.longestMs);
    try {
      return await work();
    } finally {
      clearTimeout(limit);
      end();
    }
  }

  private pass(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.under--;
  }
}
