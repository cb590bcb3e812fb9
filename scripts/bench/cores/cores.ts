import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

const LOAD = 0;
const MEASURED = 1;
/** Asked once, before anybody is put anywhere: who is on one core of two is told that there is one. */
const CORES = availableParallelism();

/**
 * Where everybody runs while servers are compared. The load, and whatever this process has started, on one core; whoever is measured on another, all
 * by itself: left alone, the scheduler puts a server beside its load on one core and lets the other one sleep, now and then, which decides the figure.
 * The load never sleeps either (`stayAwake`): docs/decisions/0031.
 */
export class Cores {
  private constructor(readonly divided: boolean) {}

  /** `measured`: processes of this machine; none: nobody is put anywhere. Once all are up: to start on half a machine takes them minutes. */
  static divide(measured: readonly number[]): Cores {
    const cores = new Cores(measured.length > 0 && CORES > MEASURED && place(process.pid, String(LOAD)));
    for (const pid of cores.divided ? descendantsOf(process.pid) : []) place(pid, String(LOAD));
    for (const pid of cores.divided ? measured : []) place(pid, String(MEASURED));
    return cores;
  }

  /** Everybody may run anywhere again. */
  release(): void {
    for (const pid of this.divided ? [process.pid, ...descendantsOf(process.pid)] : []) place(pid, `${LOAD}-${CORES - 1}`);
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
