/**
 * scripts/cluster owns a cluster of real processes on one machine: any number of instances of each service over one Postgres, behind one front
 * that gives one origin, and a balancer per service between them. What it starts are members with one interface, so that a broker or a cache is one
 * more of them. It knows the services by their command line, their environment and their health. Called by `npm run cluster`, `npm run chaos`, tests.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { type InternalEndpoint, type RequestOf, type ResponseOf, SERVICES, type ServiceName } from '#libs/contracts';
import { type CallOptions, InternalClient, ServiceTokens } from '#libs/http';
import type { DataDirectory } from '../start/data-directory.js';
import type { Plan } from '../start/preview.js';
import type { Secrets } from '../start/secrets.js';
import { serviceEnvironment } from '../start/service-environment.js';
import { Balancer } from './balancer.js';
import type { ClusterPorts } from './cluster-ports.js';
import type { Member } from './member.js';
import { PostgresMember } from './postgres-member.js';
import { serviceOf } from './routes.js';
import { ServiceMember } from './service-member.js';
import { TcpProxy } from './tcp-proxy.js';
import { Upstream } from './upstream.js';

export interface ClusterOptions {
  readonly plan: Plan;
  readonly directory: DataDirectory;
  readonly secrets: Secrets;
  readonly ports: ClusterPorts;
  readonly instances: Readonly<Record<ServiceName, number>>;
  /** A TCP proxy between each instance and Postgres, and before each internal port: for who breaks things. */
  readonly breakable?: boolean;
  /** Over every service's environment. */
  readonly env?: NodeJS.ProcessEnv;
  /** Started before the services and stopped after them: a broker, a cache. What they add to the services' environment is `env`'s. */
  readonly beside?: readonly Member[];
  /** In front of those beside, closed with the cluster. */
  readonly waysBeside?: ReadonlyMap<Member, TcpProxy>;
  onLost?(member: Member, how: string): void;
}

/** The ways to and from one instance that can be broken. */
export interface Ways {
  readonly toPostgres: TcpProxy;
  readonly toInternalPort: TcpProxy;
}

/** Where the front asks from: the address whose forwarded headers the instances believe. Only Linux has all of 127/8. */
const FRONT_ADDRESS = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';
/** Longer than it takes the balancers to notice, on a busy machine too: a second between two questions, and one of patience (health.ts). */
const DRAIN_DELAY_S = 3;
/** Pools, views and readers of one process at most (docs/scaling.md). */
const CONNECTIONS: Readonly<Record<ServiceName, number>> = { auth: 20, session: 22, token: 22, introspect: 6 };
/** Migrations, one process more during a restart, and whoever looks at the database. */
const SPARE_CONNECTIONS = 40;

export class Cluster {
  readonly postgres: PostgresMember;
  /** Those that have not been retired. */
  services: readonly ServiceMember[];
  readonly ways = new Map<ServiceMember, Ways>();
  private readonly upstreams: Upstream[] = [];
  private readonly balancers: Balancer[] = [];
  private readonly clients = new Map<ServiceName, InternalClient>();
  private stopping = false;

  constructor(readonly options: ClusterOptions) {
    const { directory, secrets, ports, instances } = options;
    mkdirSync(directory.file('logs'), { recursive: true, mode: 0o700 });
    const onLost = (member: () => Member) => (how: string) => this.stopping || options.onLost?.(member(), how);
    this.postgres = new PostgresMember(
      directory,
      secrets,
      ports.postgres,
      onLost(() => this.postgres),
      connectionsFor(instances),
    );
    this.services = SERVICES.flatMap((service) =>
      Array.from({ length: instances[service] }, (_, n) => {
        const member: ServiceMember = this.instance(
          service,
          n + 1,
          onLost(() => member),
        );
        return member;
      }),
    );
  }

  get issuer(): string {
    return this.options.plan.config.issuer;
  }

  get members(): readonly Member[] {
    return [this.postgres, ...(this.options.beside ?? []), ...this.services];
  }

  /** Over the front and the balancers between the services. */
  get refusals(): { readonly turnedAway: number; readonly broken: number } {
    const sum = (of: (balancer: Balancer) => number) => this.balancers.reduce((total, balancer) => total + of(balancer), 0);
    return { turnedAway: sum(({ turnedAway }) => turnedAway), broken: sum(({ broken }) => broken) };
  }

  of(service: ServiceName): ServiceMember[] {
    return this.services.filter((member) => member.service === service);
  }

  async start(): Promise<void> {
    await this.startData();
    await this.openWays();
    await this.openBalancers();
    await this.startServices();
  }

  async startData(): Promise<void> {
    await Promise.all([this.postgres, ...(this.options.beside ?? [])].map((member) => member.start()));
  }

  /** Together; ready when all are. */
  async startServices(): Promise<void> {
    for (const member of this.services) member.launch();
    await Promise.all(this.services.map((member) => member.ready()));
  }

  /** One less of its service: told to leave as at a restart, and no member from the moment that it has gone. */
  async retire(member: ServiceMember): Promise<void> {
    await member.stop();
    member.health.close();
    this.services = this.services.filter((other) => other !== member);
  }

  /** Proxies to break things with, and what spreads requests over the instances. */
  async openWays(): Promise<void> {
    if (!this.options.breakable) return;
    for (const member of this.services) {
      const toPostgres = await TcpProxy.start({ host: '127.0.0.1', port: this.options.ports.postgres });
      const toInternalPort = await TcpProxy.start({ host: '127.0.0.1', port: member.options.internalPort });
      this.ways.set(member, { toPostgres, toInternalPort });
    }
  }

  async openBalancers(): Promise<void> {
    const { ports } = this.options;
    const host = '127.0.0.1';
    const pools = (portOf: (member: ServiceMember) => number) => {
      const all = this.services.map((member) => ({ member, upstream: this.upstream(member, portOf(member)) }));
      return (service: ServiceName) => all.filter(({ member }) => member.service === service).map(({ upstream }) => upstream);
    };
    for (const { health } of this.services) health.watch();
    const outside = pools(({ options }) => options.publicPort);
    this.balancers.push(
      await Balancer.start({ host, port: ports.front, pool: (path) => outside(serviceOf(path)), forwardsFrom: FRONT_ADDRESS }),
    );
    const inside = pools((member) => this.ways.get(member)?.toInternalPort.port ?? member.options.internalPort);
    for (const service of SERVICES) {
      const pool = inside(service);
      this.balancers.push(await Balancer.start({ host, port: ports.internal(service), pool: () => pool }));
    }
  }

  /** Of all balancers that are open. */
  sendOnlyToReady(only: boolean): void {
    for (const balancer of this.balancers) balancer.readyOnly = only;
  }

  /** An internal call, as one service to another, through the balancer. */
  call<E extends InternalEndpoint>(as: ServiceName, endpoint: E, request: RequestOf<E>, options: CallOptions = {}): Promise<ResponseOf<E>> {
    return this.client(as).call(endpoint, request, options);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.services.map((member) => member.stop()));
    await Promise.all([...this.clients.values()].map((client) => client.onApplicationShutdown()));
    for (const watched of [...this.services.map(({ health }) => health), ...this.upstreams]) watched.close();
    await Promise.all(this.balancers.map((balancer) => balancer.close()));
    for (const { toPostgres, toInternalPort } of this.ways.values()) await Promise.all([toPostgres.close(), toInternalPort.close()]);
    await Promise.all([...(this.options.waysBeside?.values() ?? [])].map((way) => way.close()));
    await Promise.all([this.postgres, ...(this.options.beside ?? [])].map((member) => member.stop()));
  }

  private upstream(member: ServiceMember, port: number): Upstream {
    const upstream = new Upstream({ name: member.name, host: '127.0.0.1', port }, member.health);
    this.upstreams.push(upstream);
    return upstream;
  }

  private instance(service: ServiceName, instance: number, onLost: (how: string) => void): ServiceMember {
    const { ports, directory } = this.options;
    const own = ports.ofInstance(service, instance);
    const member: ServiceMember = new ServiceMember({
      ...{ service, instance, publicPort: own.public, internalPort: own.internal, onLost },
      logFile: directory.file('logs', `${service}-${instance}.log`),
      environment: () => this.environment(member),
    });
    return member;
  }

  private environment(member: ServiceMember): NodeJS.ProcessEnv {
    const { plan, directory, secrets, ports, env = {} } = this.options;
    const inside = Object.fromEntries(SERVICES.map((name) => [name, `http://127.0.0.1:${ports.internal(name)}`]));
    const outside = Object.fromEntries(SERVICES.map((name) => [name, this.issuer]));
    const databasePort = this.ways.get(member)?.toPostgres.port ?? ports.postgres;
    return {
      ...serviceEnvironment(member.service, {
        env: { LANYARD_DRAIN_DELAY: String(DRAIN_DELAY_S), ...plan.env, ...env },
        dataDir: directory.path,
        secrets,
        url: (role) => this.postgres.url(role, databasePort),
      }),
      LANYARD_HOST: '127.0.0.1',
      ISSUER: this.issuer,
      PORT_BASE: String(ports.instanceBase(member.options.instance)),
      LANYARD_INSTANCE_ID: member.name,
      LANYARD_INTERNAL_URLS: JSON.stringify(inside),
      LANYARD_PUBLIC_URLS: JSON.stringify(outside),
      LANYARD_TRUSTED_PROXIES: FRONT_ADDRESS,
    };
  }

  private client(as: ServiceName): InternalClient {
    let client = this.clients.get(as);
    if (!client) {
      const { ports, secrets } = this.options;
      const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
      const internalUrls = Object.fromEntries(SERVICES.map((name) => [name, `http://127.0.0.1:${ports.internal(name)}`])) as Record<
        ServiceName,
        string
      >;
      const keys = { privateJwk: json(secrets.serviceKey(as)), publicJwks: json(secrets.serviceKeys) };
      client = new InternalClient({ internalUrls }, new ServiceTokens(as, keys));
      this.clients.set(as, client);
    }
    return client;
  }
}

function connectionsFor(instances: Readonly<Record<ServiceName, number>>): number {
  return SERVICES.reduce((sum, service) => sum + CONNECTIONS[service] * instances[service], SPARE_CONNECTIONS);
}
