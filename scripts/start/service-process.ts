import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServiceName } from '#libs/contracts';

/** Compiled or not, what runs is the build. */
const DIST = join(import.meta.dirname.replace(/\/dist\/scripts\/start$/, '/scripts/start'), '../../dist');
const PRELOAD = pathToFileURL(join(DIST, 'scripts/start/stop-with-launcher.js')).href;
const DRAIN_MS = 15_000;
/** What docker-compose.yml and deploy/kubernetes say by NODE_OPTIONS. Introspection makes short-lived garbage: with more room for it there is less collecting (docs/decisions/0032). */
export const NODE_FLAGS: Readonly<Record<ServiceName, readonly string[]>> = {
  auth: [],
  session: [],
  token: [],
  introspect: ['--max-semi-space-size=64'],
};

/** One run of one service, its output in a file. */
export class ServiceProcess {
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  private readonly child: ChildProcess;

  constructor(
    name: ServiceName,
    env: NodeJS.ProcessEnv,
    private readonly logFile: string,
  ) {
    if (existsSync(logFile)) renameSync(logFile, `${logFile}.1`);
    const log = openSync(logFile, 'a', 0o600);
    // A session of its own: Ctrl-C goes to the launcher alone, which stops the services before the database.
    const flags = ['--enable-source-maps', `--import=${PRELOAD}`, ...NODE_FLAGS[name]];
    this.child = spawn(process.execPath, [...flags, join(DIST, `apps/${name}/src/main.js`)], {
      env,
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    this.exited = new Promise((resolve) => {
      this.child.once('exit', (code, signal) => resolve({ code, signal }));
      this.child.once('error', () => resolve({ code: null, signal: null }));
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  lastWords(): string {
    return readFileSync(this.logFile, 'utf8').trim().split('\n').slice(-6).join('\n');
  }

  /** Asked to drain and leave; made to, if it does not. */
  async stop(withinMs = DRAIN_MS): Promise<void> {
    this.child.kill('SIGTERM');
    const impatience = setTimeout(() => this.child.kill('SIGKILL'), withinMs);
    await this.exited;
    clearTimeout(impatience);
  }
}
