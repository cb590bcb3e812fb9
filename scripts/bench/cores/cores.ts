import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Of util-linux: runs only where nothing else wants to. */
const IDLE_CLASS = ['chrt', '--idle', '0'] as const;
const LOAD = 0;
const MEASURED = 1;

/**
 * Where everybody runs while servers are compared. The load, and whatever this process starts, on one core; whoever is measured on another, all by
 * itself: left alone, the scheduler puts a server beside its load on one core and lets the other one sleep, now and then, which decides the figure.
 * And no core sleeps: on a virtual machine, waking one goes through the hypervisor and is paid by whoever wakes it, so that a server slower than its
 * load would pay for the load's naps with each answer it writes, and a faster one would not.
 */
export class Cores {
  private readonly spinners: ChildProcess[] = [];

  private constructor(readonly divided: boolean) {}

  static async divide(): Promise<Cores> {
    const cores = new Cores(availableParallelism() > MEASURED && place(process.pid, String(LOAD)));
    for (const core of [LOAD, MEASURED]) cores.keepAwake(core);
    await Promise.all(cores.spinners.map((spinner) => once(spinner, 'message')));
    return cores;
  }

  /** With all its threads. */
  giveOwn(pid: number): void {
    if (this.divided) place(pid, String(MEASURED));
  }

  /** This process may run anywhere again. Those it has started stay where they are. */
  async release(): Promise<void> {
    if (this.divided) place(process.pid, `${LOAD}-${availableParallelism() - 1}`);
    const gone = this.spinners.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
    for (const spinner of gone) spinner.kill('SIGKILL');
    await Promise.all(gone.map((spinner) => once(spinner, 'exit')));
  }

  private keepAwake(core: number): void {
    const [command, ...args] = IDLE_CLASS;
    const idleClass = spawnSync(command, [...args, 'true']).status === 0;
    const how = idleClass ? { execPath: command, execArgv: [...args, process.execPath] } : { execArgv: [] };
    const spinner = fork(join(import.meta.dirname, 'spinner.js'), { ...how, env: {} });
    if (this.divided) place(spinner.pid ?? 0, String(core));
    this.spinners.push(spinner);
  }
}

/** False: this system can't. */
function place(pid: number, cores: string): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]).status === 0;
}
