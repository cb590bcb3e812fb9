import type { Step } from './history.js';

/** The history as it grows. */
export class Recorder {
  readonly steps: Step[] = [];
  private tokens = 0;
  private grants = 0;

  add(step: Step): void {
    this.steps.push(step);
  }

  tokenNumber(): number {
    return ++this.tokens;
  }

  grantNumber(): number {
    return ++this.grants;
  }
}
