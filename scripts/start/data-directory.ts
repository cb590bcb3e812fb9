import { chmodSync, closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { LauncherError } from './launcher-error.js';

export interface DataDirectory {
  readonly path: string;
  file(...parts: string[]): string;
  release(): void;
}

const REASONS: Record<string, string> = {
  EACCES: 'it may not be written by this user',
  EPERM: 'it may not be written by this user',
  EROFS: 'it lies on a read-only file system',
  ENOSPC: 'the disk is full',
  ENOTDIR: 'a part of its path is not a directory',
  EEXIST: 'it is not a directory',
  ENOENT: 'a directory can’t be made there',
};

/** Makes the directory if need be and takes it for this process; a second launcher on the same data would ruin it. */
export function claimDataDirectory(given: string): DataDirectory {
  const path = resolve(given);
  try {
    makeFolder(path);
    if (!statSync(path).isDirectory()) throw Object.assign(new Error('not a directory'), { code: 'ENOTDIR' });
    // As root, the database's own user must be able to pass through to its part; what is secret is closed below.
    chmodSync(path, process.getuid?.() === 0 ? 0o711 : 0o700);
    return lock(path);
  } catch (error) {
    if (error instanceof LauncherError) throw error;
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw new LauncherError(`The data directory ${path} can't be used: ${REASONS[code] ?? message}. Name another with LANYARD_DATA_DIR.`);
  }
}

/** Not `recursive: true`: below /proc, and whatever else answers ENOENT to mkdir, Node 20 then tries for ever. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function lock(path: string): DataDirectory {
  const file = join(path, 'launcher.lock');
  if (existsSync(file)) {
    const [pid = '', started = ''] = readFileSync(file, 'utf8').split(' ');
    if (started !== '' && startOf(Number(pid)) === started) {
      throw new LauncherError(
        `Another Lanyard (process ${pid}) is running on the data directory ${path}. Stop it, or name another directory with LANYARD_DATA_DIR and other ports with PORT_BASE.`,
      );
    }
    rmSync(file, { force: true });
  }
  const handle = openSync(file, 'wx', 0o600);
  writeSync(handle, `${process.pid} ${startOf(process.pid)}`);
  closeSync(handle);
  return { path, file: (...parts) => join(path, ...parts), release: () => rmSync(file, { force: true }) };
}

/**
 * When a process started, so that a number used again is not taken for it. Linux says it in /proc (field 22, counted after the
 * name in brackets); elsewhere being alive has to do.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return existsSync('/proc/self/stat') ? undefined : aliveElsewhere(pid);
  }
}

function aliveElsewhere(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch {
    return undefined;
  }
}
