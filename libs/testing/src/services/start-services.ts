import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Checkpoints } from '#libs/checkpoints';
import { loadConfig } from '#libs/config';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { ServiceWorld } from './service-world.js';
import type { StoryConfig } from './story-config.js';

export interface RunningApp {
  readonly publicUrl: string;
  readonly internalUrl: string;
  readonly app: NestFastifyApplication;
  close(): Promise<void>;
}

export interface ServicesOptions {
  config?: StoryConfig | Record<string, unknown>;
  /** Default: all four. */
  services?: readonly ServiceName[];
  checkpoints?: Checkpoints;
  /** Over each service's environment. */
  env?: NodeJS.ProcessEnv;
}

type CreateApp = (config: unknown, ports: { checkpoints?: Checkpoints }) => Promise<RunningApp>;

/** The services inside this process, on ports and a database of their own: a test can hold them at checkpoints and look inside. */
export async function startServices(options: ServicesOptions = {}): Promise<InProcessServices> {
  const services = new InProcessServices(await ServiceWorld.create(options.config), options);
  try {
    await services.startAll(options.services ?? SERVICES);
    return services;
  } catch (error) {
    await services.stop();
    throw error;
  }
}

export class InProcessServices {
  readonly apps = new Map<ServiceName, RunningApp>();
  private readonly others: RunningApp[] = [];

  constructor(
    readonly world: ServiceWorld,
    private readonly options: ServicesOptions,
  ) {}

  app(service: ServiceName): NestFastifyApplication {
    const running = this.apps.get(service);
    if (!running) throw new Error(`${service} is not running`);
    return running.app;
  }

  /** Together: none is ready before those it needs. */
  async startAll(names: readonly ServiceName[] = SERVICES): Promise<void> {
    const results = await Promise.allSettled(names.map((name) => this.start(name)));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await Promise.all(names.map((name) => this.world.ready(name)));
    await this.world.doorsOpen([...this.apps.keys()]);
  }

  async start(name: ServiceName): Promise<RunningApp> {
    const app = await this.create(name);
    this.apps.set(name, app);
    return app;
  }

  /** One more instance of a service, beside the first, with ports and whatever else of its own. */
  async startAnother(name: ServiceName, env: NodeJS.ProcessEnv): Promise<RunningApp> {
    const app = await this.create(name, env);
    this.others.push(app);
    return app;
  }

  async stopOne(name: ServiceName): Promise<void> {
    const app = this.apps.get(name);
    this.apps.delete(name);
    await app?.close();
  }

  /** Also drops the database. */
  async stop(): Promise<void> {
    const running = [...this.others.splice(0), ...this.apps.values()];
    this.apps.clear();
    const closed = await Promise.allSettled(running.map((app) => app.close()));
    await this.world.dispose();
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
  }

  private async create(name: ServiceName, env: NodeJS.ProcessEnv = {}): Promise<RunningApp> {
    const config = loadConfig(name, { ...this.world.environment(name), ...this.options.env, ...env });
    // By name: a spec of one app must not load the other three.
    const module = (await import(`../../../../apps/${name}/src/app.js`)) as Record<string, CreateApp>;
    const createApp = module[`create${name[0]?.toUpperCase()}${name.slice(1)}App`];
    if (!createApp) throw new Error(`apps/${name}/src/app.ts exports no create…App`);
    return createApp(config, this.options.checkpoints ? { checkpoints: this.options.checkpoints } : {});
  }
}
