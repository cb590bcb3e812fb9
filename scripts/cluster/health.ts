import { get } from 'node:http';

const EVERY_MS = 200;
const PATIENCE_MS = 1_000;
/** Of the time that asking takes, waited before it is asked again: on a machine that is too busy to answer, asking must not be what keeps it busy. */
const REST = 5;
const LONGEST_REST_MS = 1_000;

export interface HealthAnswer {
  readonly ok: boolean;
  /** What it said, or why it said nothing. */
  readonly why: string;
}

/** Whether one process says that it is ready, asked up to five times a second at its own internal port, past every proxy. */
export class Health {
  ready = false;
  private timer: NodeJS.Timeout | undefined;
  private watching = false;

  constructor(private readonly at: { readonly host: string; readonly port: number }) {}

  watch(): void {
    this.watching = true;
    void this.check();
  }

  close(): void {
    this.watching = false;
    clearTimeout(this.timer);
    this.ready = false;
  }

  /** How long to wait before it is asked again comes with the answer. */
  async ask(patienceMs = PATIENCE_MS): Promise<HealthAnswer & { readonly restMs: number }> {
    const from = performance.now();
    const answer = await asked({ ...this.at, timeout: patienceMs });
    const restMs = Math.min(LONGEST_REST_MS, Math.max(EVERY_MS, REST * (performance.now() - from)));
    return { ...answer, restMs };
  }

  private async check(): Promise<void> {
    const { ok, restMs } = await this.ask();
    if (!this.watching) return;
    this.ready = ok;
    this.timer = setTimeout(() => void this.check(), restMs);
  }
}

function asked(at: { host: string; port: number; timeout: number }): Promise<HealthAnswer> {
  return new Promise((resolve) => {
    const request = get({ ...at, path: '/health/ready', agent: false }, (answer) => {
      let why = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => (why += chunk));
      answer.on('error', (error) => resolve({ ok: false, why: error.message }));
      answer.on('end', () => resolve({ ok: answer.statusCode === 200, why }));
    });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve({ ok: false, why: error.message }));
  });
}
