import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { ServiceWorld } from './service-world.js';
import type { ServicesOptions } from './start-services.js';

/** Both this source and its compiled twin lie two folders below `libs/testing` of their tree. */
const ROOT = join(import.meta.dirname, '../../../..').replace(/\/dist$/, '');

/** The services as real processes of the built product: to kill -9, to stop and resume, to arm with a crash point. */
export async function spawnServices(options: Omit<ServicesOptions, 'checkpoints'> = {}): Promise<SpawnedServices> {
  const services = new SpawnedServices(await ServiceWorld.create(options.config), options.env ?? {});
  const names = options.services ?? SERVICES;
  try {
    for (const name of names) services.start(name);
    await Promise.all(names.map((name) => services.ready(name)));
    await services.world.doorsOpen(names);
    return services;
  } catch (error) {
    await services.stop();
    throw error;
  }
}

export class SpawnedServices {
  private readonly running = new Map<ServiceName, { child: ChildProcess; exited: Promise<number | NodeJS.Signals | null> }>();

  constructor(
    readonly world: ServiceWorld,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** `env` for this run alone, e.g. `{ LANYARD_CRASH_AT: 'token.refresh.after-commit' }`. Does not wait until it is ready. */
  start(name: ServiceName, env: NodeJS.ProcessEnv = {}): void {
    const main = join(ROOT, `dist/apps/${name}/src/main.js`);
    if (!existsSync(main)) throw new Error(`${main} is missing: npm run build first (npm test does)`);
    const log = openSync(this.logFile(name), 'a');
    const child = spawn(process.execPath, [main], {
      env: { PATH: process.env.PATH, ...this.world.environment(name), LANYARD_LOG_LEVEL: 'info', ...this.env, ...env },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const exited = new Promise<number | NodeJS.Signals | null>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
    this.running.set(name, { child, exited });
  }

  async ready(name: ServiceName): Promise<void> {
    const gone = this.process(name).exited.then((how) => {
      throw new Error(`${name} ended (${how}) before it was ready:\n${this.log(name).slice(-2_000)}`);
    });
    await Promise.race([this.world.ready(name), gone]);
  }

  pid(name: ServiceName): number {
    return this.process(name).child.pid ?? 0;
  }

  /** Resolves with the exit code or signal. */
  exited(name: ServiceName): Promise<number | NodeJS.Signals | null> {
    return this.process(name).exited;
  }

  /** SIGKILL and SIGTERM wait for the end; SIGSTOP and SIGCONT don't. */
  async signal(name: ServiceName, signal: NodeJS.Signals): Promise<void> {
    const { child, exited } = this.process(name);
    child.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await exited;
  }

  async restart(name: ServiceName, env: NodeJS.ProcessEnv = {}): Promise<void> {
    this.start(name, env);
    await this.ready(name);
  }

  log(name: ServiceName): string {
    return existsSync(this.logFile(name)) ? readFileSync(this.logFile(name), 'utf8') : '';
  }

  /** Also drops the database. */
  async stop(): Promise<void> {
    for (const { child } of this.running.values()) {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
    }
    await Promise.all([...this.running.values()].map(({ exited }) => exited));
    await this.world.dispose();
  }

  private process(name: ServiceName) {
    const running = this.running.get(name);
    if (!running) throw new Error(`${name} was not started`);
    return running;
  }

  private logFile(name: ServiceName): string {
    return join(this.world.folder, `${name}.log`);
  }
}
