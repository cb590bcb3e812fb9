import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { portsOf } from '#libs/config';
import { SERVICES, type ServiceName } from '#libs/contracts';
import type { DataDirectory } from './data-directory.js';
import type { Installation } from './installation.js';
import { LauncherError } from './launcher-error.js';
import type { Plan } from './preview.js';
import { refuseRestoredCopy } from './restored-copy.js';
import type { Secrets } from './secrets.js';
import { serviceEnvironment } from './service-environment.js';
import { ServiceProcess } from './service-process.js';

const READY_MS = 90_000;
/** What a service says with its exit code when its configuration is at fault: no restart would help. */
const CONFIG_ERROR = 78;
const MAX_FAILED_STARTS = 3;

/** Keeps one process of each service running: one that dies is started again, and said to have died. */
export class Services {
  private readonly running = new Map<ServiceName, ServiceProcess>();
  private stopping = false;

  constructor(
    private readonly plan: Plan,
    private readonly directory: DataDirectory,
    private readonly secrets: Secrets,
    private readonly database: Installation,
    private readonly giveUp: (message: string) => void,
  ) {
    mkdirSync(directory.file('logs'), { recursive: true, mode: 0o700 });
  }

  async start(): Promise<void> {
    const failed = SERVICES.map((name) => this.keepRunning(name));
    await Promise.race([Promise.all(SERVICES.map((name) => this.ready(name))), ...failed]);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.running.values()].map((service) => service.stop()));
  }

  /** Rejects when the service can't be kept running; never resolves. */
  private async keepRunning(name: ServiceName): Promise<never> {
    for (let failures = 0; ; ) {
      const service = new ServiceProcess(name, this.environment(name), this.directory.file('logs', `${name}.log`));
      this.running.set(name, service);
      const wasReady = this.becomesReady(name, service);
      const { code, signal } = await service.exited;
      if (this.stopping) return new Promise<never>(() => undefined);
      failures = (await wasReady) ? 0 : failures + 1;
      const how = signal ? `was killed (${signal})` : `exited (${code})`;
      if (code === CONFIG_ERROR || failures === MAX_FAILED_STARTS) {
        const message = `The ${name} service can't run, it ${how}:\n${service.lastWords()}`;
        this.giveUp(message);
        throw new LauncherError(message);
      }
      console.error(`The ${name} service ${how}; starting it again.`);
      await delay(200 * 2 ** failures);
      if (this.stopping) return new Promise<never>(() => undefined);
    }
  }

  private async becomesReady(name: ServiceName, service: ServiceProcess): Promise<boolean> {
    let exited = false;
    void service.exited.then(() => {
      exited = true;
    });
    while (!exited && !this.stopping) {
      if ((await this.health(name)).ready) return !exited;
      await delay(100);
    }
    return false;
  }

  private async ready(name: ServiceName): Promise<void> {
    const deadline = performance.now() + READY_MS;
    for (;;) {
      const { ready, why } = await this.health(name);
      if (ready || this.stopping) return;
      refuseRestoredCopy(why);
      if (performance.now() > deadline) throw new LauncherError(`The ${name} service is not ready after ${READY_MS / 1000} s: ${why}`);
      await delay(100);
    }
  }

  private async health(name: ServiceName): Promise<{ ready: boolean; why: string }> {
    const { host, portBase } = this.plan.config;
    const address = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
    try {
      const url = `http://${address.includes(':') ? `[${address}]` : address}:${portsOf(name, portBase).internal}/health/ready`;
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      return { ready: response.ok, why: await response.text() };
    } catch (error) {
      return { ready: false, why: error instanceof Error ? error.message : String(error) };
    }
  }

  private environment(name: ServiceName): NodeJS.ProcessEnv {
    const url = this.database.url.bind(this.database);
    return serviceEnvironment(name, { env: this.plan.env, dataDir: this.directory.path, secrets: this.secrets, url });
  }
}
