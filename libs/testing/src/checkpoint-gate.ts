import type { Checkpoints } from '#libs/checkpoints';

export interface HeldPlace {
  /** Resolves when something has arrived and waits. */
  readonly reached: Promise<void>;
  /** How many have arrived since it was held. */
  readonly waiting: number;
  /** Lets everything that waits go on, and holds nothing more. */
  release(): void;
}

interface Gate {
  arrived: () => void;
  open: Promise<void>;
  waiting: number;
}

/** Holds requests at named places, so that a test forces an interleaving instead of hoping for it. */
export class CheckpointGate implements Checkpoints {
  private readonly gates = new Map<string, Gate>();
  private readonly failures = new Map<string, Error>();
  private readonly counts = new Map<string, number>();
  private readonly releases = new Map<string, () => void>();

  hold(name: string): HeldPlace {
    this.releases.get(name)?.();
    let arrived = () => {};
    let release = () => {};
    const reached = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const open = new Promise<void>((resolve) => {
      release = resolve;
    });
    const gate: Gate = { arrived, open, waiting: 0 };
    this.gates.set(name, gate);
    const letGo = () => {
      if (this.gates.get(name) === gate) this.gates.delete(name);
      release();
    };
    this.releases.set(name, letGo);
    return {
      reached,
      get waiting() {
        return gate.waiting;
      },
      release: letGo,
    };
  }

  /** The next arrival there fails with this error, as if the step after it had. */
  failOnce(name: string, error: Error): void {
    this.failures.set(name, error);
  }

  /** How often a place was reached, held or not. */
  visits(name: string): number {
    return this.counts.get(name) ?? 0;
  }

  releaseAll(): void {
    for (const release of this.releases.values()) release();
    this.releases.clear();
    this.failures.clear();
  }

  async reach(name: string): Promise<void> {
    this.counts.set(name, this.visits(name) + 1);
    const failure = this.failures.get(name);
    if (failure) {
      this.failures.delete(name);
      throw failure;
    }
    const gate = this.gates.get(name);
    if (!gate) return;
    gate.waiting += 1;
    gate.arrived();
    await gate.open;
  }
}
