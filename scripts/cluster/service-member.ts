import { setTimeout as delay } from 'node:timers/promises';
import type { ServiceName } from '#libs/contracts';
import { LauncherError } from '../start/launcher-error.js';
import { refuseRestoredCopy } from '../start/restored-copy.js';
import { ServiceProcess } from '../start/service-process.js';
import { Health } from './health.js';
import type { Member } from './member.js';

const READY_MS = 180_000;
const PATIENCE_MS = 5_000;

export interface ServiceMemberOptions {
  readonly service: ServiceName;
  /** From 1. */
  readonly instance: number;
  readonly publicPort: number;
  readonly internalPort: number;
  readonly logFile: string;
  environment(): NodeJS.ProcessEnv;
  /** Told when it ended though nobody had asked it to. */
  onLost?(how: string): void;
}

/** One instance of a service: a process of the built product. */
export class ServiceMember implements Member {
  readonly name: string;
  readonly service: ServiceName;
  readonly health: Health;
  private process: ServiceProcess | undefined;
  /** Of the runs that we ended ourselves. */
  private readonly told = new WeakSet<ServiceProcess>();

  constructor(readonly options: ServiceMemberOptions) {
    this.service = options.service;
    this.name = `${options.service}-${options.instance}`;
    this.health = new Health({ host: '127.0.0.1', port: options.internalPort });
  }

  get running(): boolean {
    return this.process !== undefined;
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  /** Past every proxy. */
  get publicUrl(): string {
    return `http://127.0.0.1:${this.options.publicPort}`;
  }

  async start(): Promise<void> {
    if (!this.process) this.launch();
    await this.ready();
  }

  /** Without waiting: of several that start together none is ready before those it needs. */
  launch(): void {
    const run = new ServiceProcess(this.service, this.options.environment(), this.options.logFile);
    this.process = run;
    void run.exited.then(({ code, signal }) => {
      if (this.process === run) this.process = undefined;
      if (!this.told.has(run)) this.options.onLost?.(signal ? `was killed (${signal})` : `exited (${code})`);
    });
  }

  async ready(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    const run = this.process;
    for (;;) {
      const { ok, why, restMs } = await this.health.ask(PATIENCE_MS);
      if (ok) return;
      refuseRestoredCopy(why);
      if (this.process !== run || !run) throw new LauncherError(`${this.name} ended before it was ready:\n${run?.lastWords() ?? ''}`);
      if (performance.now() > deadline) throw new LauncherError(`${this.name} is not ready after ${READY_MS / 1000} s: ${why}`);
      await delay(restMs);
    }
  }

  /** Asked to drain and leave. */
  async stop(): Promise<void> {
    const run = this.process;
    if (!run) return;
    this.told.add(run);
    run.signal('SIGCONT');
    await run.stop(30_000);
  }

  async kill(): Promise<void> {
    const run = this.process;
    if (!run) return;
    this.told.add(run);
    run.signal('SIGKILL');
    await run.exited;
  }

  pause(): void {
    this.process?.signal('SIGSTOP');
  }

  resume(): void {
    this.process?.signal('SIGCONT');
  }
}
