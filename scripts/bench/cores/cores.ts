import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** Of util-linux: runs only where nothing else wants to. */
const IDLE_CLASS = ['chrt', '--idle', '0'] as const;
const LOAD = 0;
const MEASURED = 1;

/**
 * Where everybody runs while servers are compared. The load, and whatever this process has started, on one core; whoever is measured on another, all
 * by itself: left alone, the scheduler puts a server beside its load on one core and lets the other one sleep, now and then, which decides the figure.
 * And no core sleeps: on a virtual machine, waking one goes through the hypervisor and is paid by whoever wakes it, so that a server slower than its
 * load would pay for the load's naps with each answer it writes, and a faster one would not.
 */
export class Cores {
  private readonly spinners: ChildProcess[] = [];

  private constructor(readonly divided: boolean) {}

  /** `measured`: processes of this machine; none: nobody is put anywhere. Once all are up: to start on half a machine takes them minutes. */
  static async divide(measured: readonly number[]): Promise<Cores> {
    const cores = new Cores(measured.length > 0 && availableParallelism() > MEASURED && place(process.pid, String(LOAD)));
    for (const pid of cores.divided ? descendantsOf(process.pid) : []) place(pid, String(LOAD));
    for (const pid of cores.divided ? measured : []) place(pid, String(MEASURED));
    for (const core of [LOAD, MEASURED]) cores.keepAwake(core);
    await Promise.all(cores.spinners.map((spinner) => once(spinner, 'message')));
    return cores;
  }

  /** Everybody may run anywhere again. */
  async release(): Promise<void> {
    for (const pid of this.divided ? [process.pid, ...descendantsOf(process.pid)] : []) place(pid, `${LOAD}-${availableParallelism() - 1}`);
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

/** Children of children too. Linux only, as `taskset` is. */
function descendantsOf(pid: number): number[] {
  let told = '';
  try {
    told = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  } catch {
    // it has ended
  }
  const children = told.split(' ').filter(Boolean).map(Number);
  return [...children, ...children.flatMap(descendantsOf)];
}

/** False: this system can't. */
function place(pid: number, cores: string): boolean {
  return spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', cores, String(pid)]).status === 0;
}
