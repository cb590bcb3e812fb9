import { cpus } from 'node:os';
import type { Asked } from '../load/load.js';
import { openLoop } from '../load/open-loop.js';

const STEP_S = 1;
const BEGIN_AT = 2_000;
const CONNECTIONS = 32;

/** Keeps this machine at a share of its CPU with requests at a rate, which follows what the machine says of itself each second. */
export class BusyMachine {
  private rate = BEGIN_AT;
  private running = true;
  private readonly shares: number[] = [];
  private readonly done: Promise<void>;

  /** `share` 0: no load; its CPU is looked at all the same. */
  constructor(
    asked: Asked,
    private readonly share: number,
  ) {
    this.done = this.run(asked);
  }

  /** When the machine has been near its share for a while. */
  async settled(): Promise<void> {
    const near = () => this.shares.length >= 4 && (this.share === 0 || Math.abs((this.shares.at(-1) ?? 0) - this.share) < 0.08);
    for (let steps = 0; !near() && steps < 30; steps++) await new Promise((resolve) => setTimeout(resolve, STEP_S * 1_000));
    this.shares.length = 0;
  }

  /** Since it was settled: how busy the machine was, 0 to 1, and how many requests a second did it. */
  get seen(): { share: number; rate: number } {
    return {
      share: this.shares.reduce((sum, share) => sum + share, 0) / Math.max(1, this.shares.length),
      rate: this.share === 0 ? 0 : this.rate,
    };
  }

  async stop(): Promise<void> {
    this.running = false;
    await this.done;
  }

  private async run(asked: Asked): Promise<void> {
    while (this.running) {
      const before = ticks();
      if (this.share > 0)
        await openLoop(asked, { connections: CONNECTIONS, seconds: STEP_S, requests: Number.MAX_SAFE_INTEGER }, this.rate);
      else await new Promise((resolve) => setTimeout(resolve, STEP_S * 1_000));
      const after = ticks();
      const share = (after.busy - before.busy) / Math.max(1, after.all - before.all);
      this.shares.push(share);
      if (this.share > 0)
        this.rate = Math.max(50, Math.round(this.rate * Math.min(1.3, Math.max(0.7, this.share / Math.max(0.05, share)))));
    }
  }
}

function ticks(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const sum = times.user + times.nice + times.sys + times.idle + times.irq;
    busy += sum - times.idle;
    all += sum;
  }
  return { busy, all };
}
