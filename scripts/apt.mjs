/** What tests need beside npm's packages is installed where that is allowed: as root on Debian. */
import { spawnSync } from 'node:child_process';

export const canInstall = () => process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0;

/** Another apt-get may hold a lock (a fresh machine updates itself): wait for it, up to five minutes. */
export function apt(...command) {
  const options = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
  for (let attempt = 1; attempt <= 30; attempt++) {
    const { status, stderr } = spawnSync('apt-get', [...options, ...command], {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status === 0) return;
    if (!/Could not get lock|Unable to lock/.test(stderr)) return console.error(stderr.trim());
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10_000);
  }
}
