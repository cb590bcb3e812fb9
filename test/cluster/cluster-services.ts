import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { besidePostgres } from '../../scripts/cluster/beside.js';
import { Cluster } from '../../scripts/cluster/cluster.js';
import { ClusterPorts } from '../../scripts/cluster/cluster-ports.js';
import { claimDataDirectory } from '../../scripts/start/data-directory.js';
import { preview } from '../../scripts/start/preview.js';
import { loadSecrets } from '../../scripts/start/secrets.js';
import type { Stand } from '../numbers/quick-sessions.js';
import type { Services } from '../world.js';

export interface ClusterServicesOptions {
  /** Of each service; 2 where nothing is said. */
  readonly instances?: Partial<Record<ServiceName, number>>;
  /** Where something of the test's own stands before the cluster's front. */
  readonly issuer?: string;
}

/** What `npm run cluster` brings up, with a configuration and data of a test's own: Kafka and Redis included. */
export class ClusterServices implements Services {
  readonly world: Services['world'] & Stand;
  /** Members that ended though nobody had told them to. */
  readonly lost: string[];

  private constructor(
    readonly cluster: Cluster,
    private readonly folder: string,
    private readonly pool: pg.Pool,
    readonly redis: string,
    /** Of whoever plays the demonstration against it. */
    readonly environment: NodeJS.ProcessEnv,
    lost: string[],
  ) {
    this.lost = lost;
    const query = async <R extends pg.QueryResultRow>(text: string, params: readonly unknown[] = []) =>
      (await pool.query<R>(text, [...params])).rows;
    const call: Stand['call'] = (as, endpoint, request, options) => cluster.call(as, endpoint, request, options);
    this.world = { issuer: cluster.issuer, database: { query }, call, url: () => this.front };
  }

  /** Of all services: what the issuer is, unless that was said to be elsewhere. */
  get front(): string {
    return `http://localhost:${this.cluster.options.ports.front}`;
  }

  static async start(config: object, { instances: counts, issuer }: ClusterServicesOptions = {}): Promise<ClusterServices> {
    const folder = mkdtempSync(join(tmpdir(), 'lanyard-cluster-'));
    const instances = Object.fromEntries(SERVICES.map((name) => [name, counts?.[name] ?? 2])) as Record<ServiceName, number>;
    const configFile = join(folder, 'lanyard.yaml');
    writeFileSync(configFile, JSON.stringify(config));
    const ports = await ClusterPorts.free(instances);
    const environment = {
      ...{ PATH: process.env.PATH, LANYARD_CONFIG: configFile, LANYARD_DATA_DIR: folder, PORT_BASE: String(ports.base) },
      ...(issuer ? { ISSUER: issuer } : {}),
    };
    const plan = preview(environment);
    const directory = claimDataDirectory(folder);
    const lost: string[] = [];
    const onLost = ({ name }: { name: string }, how: string) => void lost.push(`${name} ${how}`);
    const { kafka, redis, env } = besidePostgres(plan.env, directory, ports, onLost);
    const beside = [kafka, redis].filter((member) => member !== undefined);
    // Nobody comes after the test whom a listener would have to wait for.
    const options = {
      plan,
      directory,
      secrets: loadSecrets(directory),
      ports,
      instances,
      beside,
      env: { ...env, LANYARD_DRAIN_DELAY: '0' },
    };
    const cluster = new Cluster({ ...options, onLost });
    const pool = new pg.Pool({ connectionString: cluster.postgres.url('admin'), max: 2 });
    pool.on('error', () => undefined);
    const services = new ClusterServices(cluster, folder, pool, redis?.url ?? '', environment, lost);
    try {
      await cluster.startData();
      await cluster.openBalancers();
      // As in Kubernetes at the first start, where nobody is sent to a pod that is not ready: none may wait for itself that way.
      cluster.sendOnlyToReady(true);
      await cluster.startServices();
      cluster.sendOnlyToReady(false);
      return services;
    } catch (error) {
      await services.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    await this.pool.end();
    await this.cluster.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
