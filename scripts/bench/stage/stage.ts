import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { besidePostgres } from '../../cluster/beside.js';
import { Cluster } from '../../cluster/cluster.js';
import { ClusterPorts } from '../../cluster/cluster-ports.js';
import type { ServiceMember } from '../../cluster/service-member.js';
import { claimDataDirectory } from '../../start/data-directory.js';
import { LauncherError } from '../../start/launcher-error.js';
import { preview } from '../../start/preview.js';
import { loadSecrets } from '../../start/secrets.js';
import { benchConfig } from './bench-config.js';

export interface StageOptions {
  /** Over every service's environment, e.g. NODE_OPTIONS of a profiler. */
  readonly env?: NodeJS.ProcessEnv;
  /** `kafka`: with a broker and a Redis of its own. */
  readonly eventLog?: 'postgres' | 'kafka';
}

/** The built services, one process each, over a real Postgres with data of their own, which is gone afterwards. */
export class Stage {
  private stopped = false;

  private constructor(
    readonly cluster: Cluster,
    private readonly folder: string,
  ) {}

  static async start({ env = {}, eventLog = 'postgres' }: StageOptions = {}): Promise<Stage> {
    const instances = Object.fromEntries(SERVICES.map((name) => [name, 1])) as Record<ServiceName, number>;
    const ports = await ClusterPorts.free(instances);
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-bench-'));
    const directory = claimDataDirectory(folder);
    mkdirSync(folder, { recursive: true });
    const configFile = join(folder, 'lanyard.yaml');
    writeFileSync(configFile, JSON.stringify(benchConfig()));
    const plan = preview({ PATH: process.env.PATH, LANYARD_CONFIG: configFile, LANYARD_DATA_DIR: folder, PORT_BASE: String(ports.base) });
    const { kafka, redis, env: data } = eventLog === 'kafka' ? besidePostgres({}, directory, ports) : { env: {} };
    const beside = [kafka, redis].filter((member) => member !== undefined);
    const all = { plan, directory, secrets: loadSecrets(directory), ports, instances, beside, env: { ...data, ...env } };
    const cluster = new Cluster(all);
    const stage = new Stage(cluster, folder);
    try {
      await cluster.start();
      return stage;
    } catch (error) {
      await stage.stop();
      throw error;
    }
  }

  /** The one instance, past every proxy. */
  member(service: ServiceName): ServiceMember {
    const [member] = this.cluster.of(service);
    if (!member) throw new LauncherError(`${service} is not part of the measurement`);
    return member;
  }

  /** Also when it has been stopped. */
  async stop(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    await this.cluster.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
