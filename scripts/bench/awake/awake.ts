import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { join } from 'node:path';

/** Of util-linux: runs only where nothing else wants to. */
const IDLE_CLASS = ['chrt', '--idle', '0'] as const;

/**
 * A loop of idle priority for each core. On a virtual machine, waking a core that has gone to sleep goes through the hypervisor and is paid by whoever
 * wakes it: a server that is slower than its load then pays for the load's naps with each answer it writes, and a faster one does not. Whoever is
 * measured is measured on cores that are awake.
 */
export class Awake {
  private constructor(private readonly spinners: readonly ChildProcess[]) {}

  static async start(): Promise<Awake> {
    const [command, ...args] = IDLE_CLASS;
    const idleClass = spawnSync(command, [...args, 'true']).status === 0;
    const how = idleClass ? { execPath: command, execArgv: [...args, process.execPath] } : { execArgv: [] };
    const spinners = cpus().map(() => fork(join(import.meta.dirname, 'spinner.js'), { ...how, env: {} }));
    await Promise.all(spinners.map((spinner) => once(spinner, 'message')));
    return new Awake(spinners);
  }

  async stop(): Promise<void> {
    const gone = this.spinners
      .filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null)
      .map((spinner) => once(spinner, 'exit'));
    for (const spinner of this.spinners) spinner.kill('SIGKILL');
    await Promise.all(gone);
  }
}
