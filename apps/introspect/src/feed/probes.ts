import type { SourceProof } from './frames.js';

interface Waiting {
  readonly since: number;
  readonly resolve: (answer: string | null) => void;
}

/** A view that is fresh proves itself every 200 ms. */
const PATIENCE_MS = 1_500;

/**
 * Questions of listeners: "of which ticket do you know that it was drawn after I asked?" Answered by the first proof of each source that was sent for
 * after the question had come, so all who wait share the tickets this process takes anyway.
 */
export class Probes {
  /** The oldest first. */
  private waiting: Waiting[] = [];

  constructor(
    private readonly limit: number,
    private readonly now: () => number,
  ) {}

  get full(): boolean {
    return this.waiting.length >= this.limit;
  }

  /** `since`: a moment of this process at which the question had come. Null: no answer in time. */
  ask(since: number): Promise<string | null> {
    return new Promise((resolve) => this.waiting.push({ since, resolve }));
  }

  /** `before`: what had come by then is answered by `sources`, which were all sent for later. */
  answer(before: number, sources: Readonly<Record<string, SourceProof>>): void {
    const first = this.waiting.findIndex(({ since }) => since >= before);
    const due = this.waiting.splice(0, first === -1 ? this.waiting.length : first);
    if (due.length === 0) return;
    const answer = JSON.stringify({ sources });
    for (const { resolve } of due) resolve(answer);
  }

  giveUp(): void {
    const before = this.now() - PATIENCE_MS;
    const first = this.waiting.findIndex(({ since }) => since > before);
    for (const { resolve } of this.waiting.splice(0, first === -1 ? this.waiting.length : first)) resolve(null);
  }

  close(): void {
    for (const { resolve } of this.waiting.splice(0)) resolve(null);
  }
}
