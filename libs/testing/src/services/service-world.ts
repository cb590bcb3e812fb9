import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portsOf } from '#libs/config';
import { type InternalEndpoint, type RequestOf, type ResponseOf, SERVICES, type ServiceName, SOURCES } from '#libs/contracts';
import { type CallOptions, InternalClient, ServiceTokens } from '#libs/http';
import { createTestDatabase, type TestDatabase } from '../test-database.js';
import { TimeMachine } from '../time-machine.js';
import { until } from '../until.js';
import { freePortBase } from './port-block.js';
import { type StoryConfig, testConfig } from './story-config.js';

/** What the services of one test stand on: a database, keys, ports, a configuration file. It starts nothing. */
export class ServiceWorld {
  readonly time: TimeMachine;
  readonly folder = mkdtempSync(join(tmpdir(), 'lanyard-services-'));
  private readonly secrets = { kek: random(), sealingKek: random(), pepper: random() };
  private readonly keys = SERVICES.map((kid) => ({ kid, ...generateKeyPairSync('ed25519') }));
  private readonly clients = new Map<ServiceName, InternalClient>();

  private constructor(
    readonly database: TestDatabase,
    readonly portBase: number,
  ) {
    this.time = new TimeMachine(database);
  }

  static async create(config: StoryConfig | Record<string, unknown> = testConfig()): Promise<ServiceWorld> {
    const world = new ServiceWorld(await createTestDatabase(), await freePortBase());
    world.writeConfig(config);
    return world;
  }

  get issuer(): string {
    return this.url('auth');
  }

  /** The public base URL. */
  url(service: ServiceName): string {
    return `http://localhost:${portsOf(service, this.portBase).public}`;
  }

  internalUrl(service: ServiceName): string {
    return `http://127.0.0.1:${portsOf(service, this.portBase).internal}`;
  }

  /** JSON is YAML. Read by a service when it starts. */
  writeConfig(config: StoryConfig | Record<string, unknown>): void {
    writeFileSync(join(this.folder, 'lanyard.yaml'), JSON.stringify(config, null, 2));
  }

  environment(service: ServiceName): NodeJS.ProcessEnv {
    const key = this.keys.find(({ kid }) => kid === service)?.privateKey;
    return {
      NODE_ENV: 'test',
      LANYARD_CONFIG: join(this.folder, 'lanyard.yaml'),
      LANYARD_DATA_DIR: join(this.folder, 'data'),
      LANYARD_LOG_LEVEL: process.env.LANYARD_LOG_LEVEL ?? 'silent',
      PORT_BASE: String(this.portBase),
      DATABASE_URL: this.database.url(`lanyard_${service}`),
      LOG_DATABASE_URL: this.database.url('lanyard_log'),
      LANYARD_PEPPER: this.secrets.pepper,
      LANYARD_SERVICE_KEY: JSON.stringify(key?.export({ format: 'jwk' })),
      LANYARD_SERVICE_KEYS: JSON.stringify(this.publicKeys()),
      ...(service === 'token' ? { LANYARD_KEK: this.secrets.kek } : {}),
      ...(service === 'session' ? {} : { LANYARD_SEALING_KEK: this.secrets.sealingKek }),
    };
  }

  /** An internal call, as one service to another. */
  call<E extends InternalEndpoint>(as: ServiceName, endpoint: E, request: RequestOf<E>, options: CallOptions = {}): Promise<ResponseOf<E>> {
    return this.client(as).call(endpoint, request, options);
  }

  async ready(service: ServiceName, timeoutMs = 90_000): Promise<void> {
    const answer = async () => (await fetch(`${this.internalUrl(service)}/health/ready`, { signal: AbortSignal.timeout(2_000) })).ok;
    await until(answer, { timeoutMs, everyMs: 50, what: `${service} is ready` });
  }

  /**
   * The admin API of the session service opens when its view is fresh, which is no part of its readiness: every view needs that service first.
   * Only where all run whose log the view reads; where one is missing it stays shut.
   */
  async doorsOpen(running: readonly ServiceName[], timeoutMs = 30_000): Promise<void> {
    if (!SOURCES.every((source) => running.includes(source))) return;
    const fresh = async () => {
      const answer = await fetch(`${this.internalUrl('session')}/metrics`, { signal: AbortSignal.timeout(2_000) });
      return /^lanyard_view_fresh 1$/m.test(await answer.text());
    };
    await until(fresh, { timeoutMs, everyMs: 50, what: 'the view of the session service is fresh' });
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.clients.values()].map((client) => client.onApplicationShutdown()));
    await this.database.drop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private client(as: ServiceName): InternalClient {
    let client = this.clients.get(as);
    if (!client) {
      const privateJwk = this.keys.find(({ kid }) => kid === as)?.privateKey.export({ format: 'jwk' }) ?? {};
      const internalUrls = Object.fromEntries(SERVICES.map((name) => [name, this.internalUrl(name)])) as Record<ServiceName, string>;
      client = new InternalClient({ internalUrls }, new ServiceTokens(as, { privateJwk, publicJwks: this.publicKeys() }));
      this.clients.set(as, client);
    }
    return client;
  }

  private publicKeys() {
    return { keys: this.keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid })) };
  }
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
