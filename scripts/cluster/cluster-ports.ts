import { createServer } from 'node:net';
import { portsOf } from '#libs/config';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { LauncherError } from '../start/launcher-error.js';

/** Behind the demonstration's clients (PORT_BASE + 90 to 92), 20 ports for each instance of all services. */
const FIRST_INSTANCE = 100;
const PER_INSTANCE = 20;
const POSTGRES_OFFSET = 20;
const KAFKA_OFFSET = 21;
const KAFKA_CONTROLLER_OFFSET = 22;
const REDIS_OFFSET = 23;

/** Where everything of a cluster listens, from one PORT_BASE. The front has the first port, so the issuer is what `npm start` has. */
export class ClusterPorts {
  constructor(readonly base: number) {}

  get front(): number {
    return this.base;
  }
  get postgres(): number {
    return this.base + POSTGRES_OFFSET;
  }
  get kafka(): number {
    return this.base + KAFKA_OFFSET;
  }
  get kafkaController(): number {
    return this.base + KAFKA_CONTROLLER_OFFSET;
  }
  get redis(): number {
    return this.base + REDIS_OFFSET;
  }
  /** The balancer that the other services reach this one by. */
  internal(service: ServiceName): number {
    return portsOf(service, this.base).internal;
  }
  /** PORT_BASE of an instance, from 1. */
  instanceBase(instance: number): number {
    return this.base + FIRST_INSTANCE + PER_INSTANCE * (instance - 1);
  }

  ofInstance(service: ServiceName, instance: number): { readonly public: number; readonly internal: number } {
    return portsOf(service, this.instanceBase(instance));
  }

  all(instances: Readonly<Record<ServiceName, number>>): number[] {
    const own = SERVICES.flatMap((name) =>
      Array.from({ length: instances[name] }, (_, n) => Object.values(this.ofInstance(name, n + 1))),
    ).flat();
    const data = [this.postgres, this.kafka, this.kafkaController, this.redis];
    return [this.front, ...data, ...SERVICES.map((name) => this.internal(name)), ...own];
  }

  async check(instances: Readonly<Record<ServiceName, number>>): Promise<void> {
    for (const port of this.all(instances)) {
      if (await isFree(port)) continue;
      const other = this.base + 1_000 > 60_000 ? 4_000 : this.base + 1_000;
      throw new LauncherError(
        `Port ${port} is taken by another program. Free it, or choose other ports: PORT_BASE=${other} (now ${this.base}).`,
      );
    }
  }

  /** Below the range from which systems take the ports of outgoing connections. */
  static async free(instances: Readonly<Record<ServiceName, number>>): Promise<ClusterPorts> {
    for (let tries = 0; tries < 50; tries++) {
      const ports = new ClusterPorts(10_000 + 200 * Math.floor(Math.random() * 108));
      if ((await Promise.all(ports.all(instances).map(isFree))).every(Boolean)) return ports;
    }
    throw new LauncherError('No free ports were found.');
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
