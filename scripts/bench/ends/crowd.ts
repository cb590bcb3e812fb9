import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Said, Told } from './listeners.js';

/** The process with the listening resource servers. It leaves with the process that started it. */
export class Crowd {
  private constructor(private readonly child: ChildProcess) {}

  static async start(issuer: string, count: number): Promise<Crowd> {
    const child = fork(join(import.meta.dirname, 'listeners.js'), [issuer, String(count)], { execArgv: [] });
    const crowd = new Crowd(child);
    await crowd.says('listening');
    return crowd;
  }

  /** All of them have taken it. */
  async accept(token: string): Promise<void> {
    const said = this.says('accepted');
    this.tell({ accept: token });
    await said;
  }

  /** Begins to ask all of them about the last token; when each has refused it, milliseconds of the machine's monotonic clock. */
  async watch(): Promise<number[]> {
    const said = this.says('refusedAt');
    this.tell({ watch: true });
    return (await said).refusedAt;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
  }

  private tell(told: Told): void {
    this.child.send(told);
  }

  private says<K extends string>(what: K): Promise<Extract<Said, Record<K, unknown>>> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the listeners ended (${code})`));
      this.child.once('exit', ended);
      this.child.once('message', (said: Said) => {
        this.child.off('exit', ended);
        if (what in said) resolve(said as Extract<Said, Record<K, unknown>>);
        else reject(new Error(`the listeners said ${JSON.stringify(said)}`));
      });
    });
  }
}
