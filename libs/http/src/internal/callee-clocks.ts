/** Beyond this a clock is broken, not off. */
const FURTHEST_S = 15 * 60;
const STEP_S = 10;
const MOST = 1_024;

/**
 * How far the clocks of those we call are from ours (race 11: ±300 s). A service token lives by the callee's clock, a minute and a
 * little leeway; a leeway of ten minutes for all would make a stolen one good for as long. So whoever is refused looks at the Date of the
 * refusal and signs for that clock. The cost: who can answer in a callee's place can have tokens for that one callee made up to
 * a quarter of an hour ahead, and is sent tokens for it anyway.
 */
export class CalleeClocks {
  private readonly ahead = new Map<string, number>();

  constructor(private readonly nowSeconds: () => number) {}

  /** Seconds to add to our time. */
  aheadOf(baseUrl: string): number {
    return this.ahead.get(baseUrl) ?? 0;
  }

  /** `date`: the header of a refusal. In steps, so that a second of difference makes no new token. */
  refused(baseUrl: string, date: string | string[] | undefined): void {
    const seconds = Math.round((Date.parse(String(date)) / 1_000 - this.nowSeconds()) / STEP_S) * STEP_S;
    if (Number.isNaN(seconds) || Math.abs(seconds) > FURTHEST_S) return;
    if (this.ahead.size >= MOST) this.ahead.clear();
    this.ahead.set(baseUrl, seconds);
  }
}
