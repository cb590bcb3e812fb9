import { Agent, get } from 'node:http';

const CHECK_MS = 200;
const PATIENCE_MS = 1_000;

export interface UpstreamAddress {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Where /health/ready is asked: the process's own internal port, past every proxy. */
  readonly healthPort: number;
}

/** One instance as its balancer sees it: in as long as /health/ready says so, asked five times a second. */
export class Upstream {
  readonly agent = new Agent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });
  ready = false;
  private timer: NodeJS.Timeout | undefined;
  private asking = false;

  constructor(readonly address: UpstreamAddress) {}

  watch(): void {
    this.timer = setInterval(() => this.check(), CHECK_MS);
    this.check();
  }

  close(): void {
    clearInterval(this.timer);
    this.agent.destroy();
  }

  private check(): void {
    if (this.asking) return;
    this.asking = true;
    const { host, healthPort: port } = this.address;
    const asked = get({ host, port, path: '/health/ready', agent: false, timeout: PATIENCE_MS }, (answer) => {
      answer.resume();
      this.judge(answer.statusCode === 200);
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer')));
    asked.on('error', () => this.judge(false));
  }

  private judge(ready: boolean): void {
    this.asking = false;
    this.ready = ready;
  }
}
