import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Cores } from '../../scripts/bench/cores/cores.js';

const allowed = (pid: number) => /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
/** Where this process may not use the first two cores nobody is put anywhere. */
const several = /^0[-,]/.test(allowed(process.pid) ?? '') && availableParallelism() > 1;

describe('whoever is measured', () => {
  let measured: ChildProcess;

  beforeEach(async () => {
    measured = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1_000)']);
    await once(measured, 'spawn');
  });
  afterEach(() => measured.kill('SIGKILL'));

  it('has a core of its own, in every comparison of a run, and everybody may run anywhere afterwards', () => {
    const before = allowed(process.pid);
    for (const _comparison of ['one', 'the next']) {
      const cores = Cores.divide([measured.pid ?? 0]);
      expect(cores.divided).toBe(several);
      expect([allowed(process.pid), allowed(measured.pid ?? 0)]).toEqual(several ? ['0', '1'] : [before, before]);
      cores.release();
      expect([allowed(process.pid), allowed(measured.pid ?? 0)]).toEqual([before, before]);
    }
  });

  it('is put nowhere where it is none of this machine', () => {
    const before = allowed(process.pid);
    expect(Cores.divide([]).divided).toBe(false);
    expect(allowed(process.pid)).toBe(before);
  });
});
