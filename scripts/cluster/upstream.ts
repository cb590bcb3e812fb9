import { Agent } from 'node:http';
import type { Health } from './health.js';

export interface UpstreamAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** One instance as a balancer sees it: in as long as it says that it is ready. The front and the balancer inside believe the same health. */
export class Upstream {
  /** Streams of the revocation feed hold one each for as long as they live: what is left must still do for everything else. */
  readonly agent = new Agent({ keepAlive: true, maxSockets: 8_192, maxFreeSockets: 256, scheduling: 'lifo' });

  constructor(
    readonly address: UpstreamAddress,
    private readonly health: Pick<Health, 'ready'>,
  ) {}

  get ready(): boolean {
    return this.health.ready;
  }

  close(): void {
    this.agent.destroy();
  }
}
