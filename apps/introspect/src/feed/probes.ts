import type { SourceProof } from './frames.js';
import { Places } from './places.js';

interface Waiting {
  readonly clientId: string;
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
  private readonly places: Places;

  constructor(
    limit: number,
    private readonly now: () => number,
  ) {
    this.places = new Places(limit);
  }

  refusal(clientId: string): ReturnType<Places['refusal']> {
    return this.places.refusal(clientId);
  }

  /** `since`: a moment of this process at which the question had come. Null: no answer in time. */
  ask(clientId: string, since: number): Promise<string | null> {
    this.places.take(clientId);
    return new Promise((resolve) => this.waiting.push({ clientId, since, resolve }));
  }

  /** `before`: what had come by then is answered by `sources`, which were all sent for later. */
  answer(before: number, sources: Readonly<Record<string, SourceProof>>): void {
    const first = this.waiting.findIndex(({ since }) => since >= before);
    if (first !== 0 && this.waiting.length > 0) this.resolve(first, JSON.stringify({ sources }));
  }

  giveUp(): void {
    const before = this.now() - PATIENCE_MS;
    const first = this.waiting.findIndex(({ since }) => since > before);
    this.resolve(first, null);
  }

  close(): void {
    this.resolve(-1, null);
  }

  /** All before the place `first`; -1: all. */
  private resolve(first: number, answer: string | null): void {
    for (const { clientId, resolve } of this.waiting.splice(0, first === -1 ? this.waiting.length : first)) {
      this.places.leave(clientId);
      resolve(answer);
    }
  }
}
