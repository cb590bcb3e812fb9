import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '#libs/testing';

const ROOT = join(import.meta.dirname, '../..');

export interface LauncherOptions {
  env: NodeJS.ProcessEnv;
  /** Run as this user and group. */
  user?: { uid: number; gid: number };
}

/** `npm start` as its user sees it: a process, what it prints, how it ends. */
export class Launcher {
  output = '';
  readonly ended: Promise<number | NodeJS.Signals | null>;
  private readonly child: ChildProcess;

  constructor({ env, user }: LauncherOptions) {
    const main = join(ROOT, 'dist/scripts/start/main.js');
    if (!existsSync(main)) throw new Error(`${main} is missing: npm run build first (npm test does)`);
    this.child = spawn(process.execPath, [main], { ...user, cwd: '/', env: { PATH: process.env.PATH, ...env } });
    for (const stream of [this.child.stdout, this.child.stderr]) stream?.on('data', (chunk) => (this.output += String(chunk)));
    this.ended = new Promise((resolve) => this.child.once('close', (code, signal) => resolve(signal ?? code)));
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async says(text: string, timeoutMs = 60_000): Promise<void> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    await until(() => this.output.includes(text) || over, { timeoutMs, what: `"${text}" in:\n${this.output}` });
    if (!this.output.includes(text)) throw new Error(`it ended without saying "${text}":\n${this.output}`);
  }
}

/** The processes that belong to a data directory: the services by their environment, Postgres by its command line. */
export function processesOf(dataDir: string): { pid: number; what: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const [command, environment] = [procFile(pid, 'cmdline'), procFile(pid, 'environ')];
      const service = /apps\/(\w+)\/src\/main\.js/.exec(command)?.[1];
      if (service && environment.includes(`LANYARD_DATA_DIR=${dataDir}\0`)) return [{ pid: Number(pid), what: service }];
      return command.includes(`${dataDir}/postgres`) ? [{ pid: Number(pid), what: 'postgres' }] : [];
    });
}

/** Whether a process of that data directory was given the variable, itself or as `_FILE`. */
export function wasGiven({ pid }: { pid: number }, variable: string): boolean {
  return procFile(String(pid), 'environ')
    .split('\0')
    .some((entry) => entry.startsWith(`${variable}=`) || entry.startsWith(`${variable}_FILE=`));
}

function procFile(pid: string, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}
