import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * A server may still run on our data when the process that started it was killed together with its guard: it is asked to stop.
 * A lock file whose pid meanwhile belongs to somebody else (containers count from 1 again) is removed; PostgreSQL would believe it.
 */
export async function clearOrphan(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!isAlive(pid)) return;
  if (!isPostgres(pid)) {
    rmSync(file, { force: true });
    return;
  }
  process.kill(pid, 'SIGINT');
  for (let waited = 0; isAlive(pid); waited += 50) {
    if (waited === 20_000) process.kill(pid, 'SIGQUIT');
    if (waited > 25_000) throw new Error(`a PostgreSQL left behind by an earlier run (pid ${pid}) does not stop`);
    await delay(50);
  }
}

export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Without /proc (macOS) the lock file is believed, as PostgreSQL does. */
function isPostgres(pid: number): boolean {
  try {
    return /(^|\/)postgres(\0|:)/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return !existsSync('/proc/self/cmdline');
  }
}
