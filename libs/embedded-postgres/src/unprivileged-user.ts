import { execFileSync, spawnSync } from 'node:child_process';

/** Whom the binaries run as. Empty: as ourselves. */
export type RunAs = { uid: number; gid: number } | Record<string, never>;

const USER = 'postgres';

/** PostgreSQL refuses to run as root: then it gets a user of its own, made if there is none. */
export function unprivilegedUser(): RunAs {
  if (process.getuid?.() !== 0) return {};
  const found = idsOf(USER);
  if (found) return found;
  try {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', USER], { stdio: 'pipe' });
  } catch (error) {
    throw new Error(
      `PostgreSQL does not run as root, and the user "${USER}" could not be created (${reason(error)}). Create it, or start as an ordinary user.`,
    );
  }
  const made = idsOf(USER);
  if (!made) throw new Error(`the user "${USER}" was created but is not known to this system`);
  return made;
}

/** Whether that user can get at a path: every folder above must let it through. */
export function canReach(path: string, user: RunAs): boolean {
  return spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', path], { ...user, cwd: '/' }).status === 0;
}

/** Whether a server could have its data below this folder. */
export function canServe(folder: string): boolean {
  return process.getuid?.() !== 0 || canReach(folder, unprivilegedUser());
}

function idsOf(name: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string) => Number(execFileSync('id', [flag, name], { encoding: 'utf8', stdio: 'pipe' }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function reason(error: unknown): string {
  const { stderr, message } = error as { stderr?: Buffer; message?: string };
  return stderr?.toString().trim() || message || 'unknown reason';
}
