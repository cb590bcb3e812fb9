import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ENVIRONMENT, loadConfig, portsOf } from '#libs/config';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { ROLE_URL } from '../../scripts/container/database-urls.js';
import { writeSecrets } from '../../scripts/container/write-secrets.js';
import { NODE_FLAGS } from '../../scripts/start/service-process.js';
import { type ComposeService, composeFile, instancesOf, ROOT, textOf } from './compose-file.js';
import { namesOf } from './environment-names.js';

/** What libs/http waits for requests, and libs/event-log for the event in hand; test/deploy/kubernetes.spec.ts reads both from the code. */
const [UNDER_WAY_MS, IN_HAND_MS] = [10_000, 10_000];

/** docker-compose.yml says what the code reads: no name that nobody knows, none missing, and a secret only for who needs it. */
const file = composeFile();
const each = SERVICES.map((service) => [service, instancesOf(file, service)] as const);
const all = each.flatMap(([service, instances]) => instances.map(([name, instance]) => [name, service, instance] as const));

let secrets: string;
beforeAll(() => {
  secrets = join(mkdtempSync(join(tmpdir(), 'lanyard-secrets-')), 'secrets');
  const log = jest.spyOn(console, 'log').mockImplementation();
  expect(writeSecrets([secrets])).toBe(0);
  log.mockRestore();
});
afterAll(() => rmSync(join(secrets, '..'), { recursive: true, force: true }));

/** As the process in the container sees it: mounted secrets and configuration are files of this machine. */
function environmentOf({ environment = {} }: ComposeService): NodeJS.ProcessEnv {
  const mounted = (path: string) => {
    const secret = /^\/run\/secrets\/(.+)$/.exec(path)?.[1];
    if (secret) return join(secrets, (file.secrets[secret]?.file ?? '').replace('./deploy/secrets/', ''));
    return path.replace('/etc/lanyard/', `${ROOT}/deploy/`);
  };
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, mounted(String(value))]));
}

describe('docker-compose.yml', () => {
  it('has two instances of each service, each with a name, an address and a directory of its own', () => {
    for (const [, instances] of each) expect(instances).toHaveLength(2);
    const own = (of: (instance: ComposeService) => unknown) => new Set(all.map(([, , instance]) => of(instance))).size;
    expect(own(({ environment }) => environment?.LANYARD_INSTANCE_ID)).toBe(8);
    expect(own(({ environment }) => environment?.LANYARD_HOST)).toBe(8);
    expect(own(({ volumes }) => volumes?.find((volume) => volume.endsWith(':/var/lib/lanyard')))).toBe(8);
    for (const [name, service, { environment, networks }] of all) {
      expect(networks).toMatchObject({ services: { ipv4_address: environment?.LANYARD_HOST, aliases: [service] } });
      expect(environment?.LANYARD_INSTANCE_ID).toBe(name);
    }
  });

  it.each(all)('%s is told only what %s reads, all that it must be told, and nobody else’s secrets', (_name, service, instance) => {
    const { known, required, secret } = namesOf(service);
    const { NODE_OPTIONS = '', ...environment } = instance.environment ?? {};
    const told = Object.keys(environment);
    expect(NODE_OPTIONS).toBe(NODE_FLAGS[service].join(' '));
    expect(told.filter((name) => !known.has(name))).toEqual([]);
    expect(required.filter((name) => !told.includes(name) && !told.includes(`${name}_FILE`))).toEqual([]);
    expect(told.filter((name) => secret.has(name))).toEqual([]);
    const mounts = told.filter((name) => name.endsWith('_FILE')).map((name) => instance.environment?.[name]?.replace('/run/secrets/', ''));
    expect([...(instance.secrets ?? [])].sort()).toEqual(mounts.sort());
    for (const name of instance.secrets ?? []) expect(file.secrets[name]).toBeDefined();
  });

  it.each(all)('%s starts from it: its configuration is whole, and names the ports and the one origin', (_name, service, instance) => {
    const config = loadConfig(service, environmentOf(instance));
    expect(config.ports).toEqual(portsOf(service, 4_000));
    expect(new Set(Object.values(config.publicUrls))).toEqual(new Set([config.issuer]));
    for (const other of SERVICES) expect(config.internalUrls[other]).toBe(`http://${other}:${portsOf(other, 4_000).internal}`);
    const proxy = file.services.proxy?.networks as Record<string, { ipv4_address: string }>;
    expect(config.trustedProxies).toEqual([proxy.services?.ipv4_address]);
    expect([config.host, config.advertisedHost]).toEqual([instance.environment?.LANYARD_HOST, instance.environment?.LANYARD_HOST]);
  });

  it.each(all)(
    '%s has time to leave: longer than the proxy takes to notice, and killed only after all that may still be under way',
    (...[, service, instance]) => {
      const { drainDelayMs } = loadConfig(service, environmentOf(instance));
      const notices = [...textOf('deploy/nginx/nginx.conf').matchAll(/fail_timeout=(\d+)s/g)].map(([, seconds]) => 1_000 * Number(seconds));
      expect(drainDelayMs).toBeGreaterThan(Math.max(...notices));
      expect(instance.stop_grace_period).toMatch(/^\d+s$/);
      expect(1_000 * Number.parseInt(instance.stop_grace_period ?? '', 10)).toBeGreaterThan(drainDelayMs + UNDER_WAY_MS + IN_HAND_MS);
    },
  );

  it('the set-up step is told the database of every role, by the names it knows', () => {
    const [[, setUp] = []] = instancesOf(file, 'set-up');
    const names = ['DATABASE_URL', ...Object.values(ROLE_URL)].map((name) => `${name}_FILE`);
    expect(Object.keys(setUp?.environment ?? {}).sort()).toEqual(names.sort());
  });

  it('mounts only secrets that are made, and every one that is made for a service', () => {
    const mounted = Object.values(file.secrets).map(({ file: path }) => path.replace('./deploy/secrets/', ''));
    const made = readdirSync(secrets).filter((name) => !/^lanyard_.*-password$/.test(name));
    expect(mounted.sort()).toEqual(made.sort());
    expect(readFileSync(join(secrets, 'database-url-admin'), 'utf8')).toMatch(/^postgres:\/\/postgres:\S+@postgres:5432\/lanyard\n$/);
  });

  it('opens one port, the proxy’s, on this machine; the data is on a network without a way out, where the proxy is not', () => {
    const open = Object.entries(file.services).flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(open).toEqual([['proxy', '127.0.0.1:8080:8080']]);
    expect(file.networks.data?.internal).toBe(true);
    for (const name of ['postgres', 'redis', 'kafka']) expect(file.services[name]?.networks).toEqual(['data']);
    expect(Object.keys(file.services.proxy?.networks ?? {})).toEqual(['edge', 'services']);
  });

  it('asks Kafka for its health with a heap that fits beside the broker’s in the container', () => {
    const { environment, healthcheck, deploy } = file.services.kafka as ComposeService;
    const heap = (text = '') => Number(/-Xmx(\d+)m/.exec(text)?.[1]);
    const [program, setting] = healthcheck?.test?.slice(1) ?? [];
    expect([program, setting?.split('=')[0]]).toEqual(['env', 'KAFKA_HEAP_OPTS']);
    expect(deploy?.resources?.limits?.memory).toBe('1G');
    // Two JVMs also need what is no heap: 384 MB for both.
    expect(heap(environment?.KAFKA_HEAP_OPTS) + heap(setting)).toBeLessThanOrEqual(1_024 - 384);
  });

  it('pins every image, limits every container, asks every one for its health, and none of ours may write its image', () => {
    for (const [name, service] of Object.entries(file.services)) {
      expect([name, service.image]).toEqual([
        name,
        expect.stringMatching(/^[a-z/]+:\d+\.\d+\.\d+(?:-[a-z]+)?$|^postgres:\d+\.\d+-[a-z]+$/),
      ]);
      expect([name, service.deploy?.resources?.limits]).toEqual([name, { cpus: expect.any(String), memory: expect.any(String) }]);
      expect([name, service.healthcheck]).toEqual([
        name,
        name === 'set-up' ? { disable: true } : expect.objectContaining({ test: expect.any(Array) }),
      ]);
      if (service.image.startsWith('lanyard:')) expect([name, service.read_only]).toEqual([name, true]);
    }
    expect(all[0]?.[2].image).toBe(`lanyard:${(JSON.parse(textOf('package.json')) as { version: string }).version}`);
  });
});

describe('the names a service reads', () => {
  it('are told apart from those it must not have: only token has the KEK, and session has no sealing KEK and no Redis', () => {
    const notFor = (service: ServiceName) => [...namesOf(service).secret].filter((name) => !name.endsWith('_FILE'));
    expect(notFor('token')).toEqual([]);
    expect(notFor('session')).toEqual(['LANYARD_REDIS_URL', 'LANYARD_REDIS_CA', 'LANYARD_KEK', 'LANYARD_SEALING_KEK']);
    expect(notFor('auth')).toEqual(['LANYARD_KEK']);
    expect(ENVIRONMENT.length).toBeGreaterThan(10);
  });
});
