import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, portsOf } from '#libs/config';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { serviceOf } from '../../scripts/cluster/routes.js';
import { ROLE_URL } from '../../scripts/container/database-urls.js';
import { writeSecrets } from '../../scripts/container/write-secrets.js';
import { NODE_FLAGS } from '../../scripts/start/service-process.js';
import { composeFile, ROOT, textOf } from './compose-file.js';
import { namesOf } from './environment-names.js';
import { type Container, manifest, manifests, type PodSpec } from './manifests.js';

/** deploy/kubernetes says what the code reads, as docker-compose.yml does. Whether Kubernetes understands it is npm run check's (its schemas). */
const SHARED = manifest('ConfigMap', 'lanyard-environment').data ?? {};
/** libs/http cuts what is still under way after this; the log reader lets go of what it has in hand within the same time. */
const UNDER_WAY_S = 10;
const IN_HAND_S = 10;

const podOf = (service: string): PodSpec => manifest('Deployment', service).spec.template.spec;
function containerOf(service: string): Container {
  const [container] = podOf(service).containers;
  if (!container) throw new Error(`${service} has no container`);
  return container;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lanyard-manifests-'));
  const log = jest.spyOn(console, 'log').mockImplementation();
  writeSecrets([join(folder, 'secrets')]);
  log.mockRestore();
  writeFileSync(join(folder, 'lanyard.yaml'), manifest('ConfigMap', 'lanyard-configuration').data?.['lanyard.yaml'] ?? '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FIELDS: Record<string, string> = { 'status.podIP': '10.42.0.17', 'metadata.name': 'auth-5d9c-x2x' };
function environmentOf({ env }: Container): NodeJS.ProcessEnv {
  const said = env.map(({ name, value, valueFrom }) => [name, value ?? FIELDS[valueFrom?.fieldRef.fieldPath ?? '']]);
  const mounted = (value: string) => value.replace('/run/secrets/lanyard/', `${folder}/secrets/`).replace('/etc/lanyard/', `${folder}/`);
  return Object.fromEntries([...Object.entries(SHARED), ...said].map(([name, value]) => [name, mounted(value ?? '')]));
}

describe.each(SERVICES)('the Deployment of %s', (service: ServiceName) => {
  const [pod, container] = [podOf(service), containerOf(service)];

  it('tells it only what it reads, all that it must be told, and gives it no secret of another', () => {
    const { known, required, secret } = namesOf(service);
    const flags = container.env.find(({ name }) => name === 'NODE_OPTIONS');
    const told = [...Object.keys(SHARED), ...container.env.map(({ name }) => name)].filter((name) => name !== 'NODE_OPTIONS');
    expect(flags?.value ?? '').toBe(NODE_FLAGS[service].join(' '));
    expect(told.filter((name) => !known.has(name))).toEqual([]);
    expect(required.filter((name) => !told.includes(name) && !told.includes(`${name}_FILE`))).toEqual([]);
    expect(told.filter((name) => secret.has(name))).toEqual([]);
    const files = container.env
      .filter(({ name }) => name.endsWith('_FILE'))
      .map(({ value }) => value?.replace('/run/secrets/lanyard/', ''));
    const mounted = pod.volumes.flatMap(({ secret: source }) => source?.items ?? []);
    expect(mounted.map(({ path }) => path).sort()).toEqual(files.sort());
    expect(mounted.every(({ key }) => readdirSync(join(folder, 'secrets')).includes(key))).toBe(true);
  });

  it('starts from it, listens everywhere in its pod at the ports that are named, and tells the others the pod’s own address', () => {
    const config = loadConfig(service, environmentOf(container));
    expect([config.host, config.advertisedHost]).toEqual(['0.0.0.0', FIELDS['status.podIP']]);
    expect(Object.fromEntries(container.ports.map(({ name, containerPort }) => [name, containerPort]))).toEqual(portsOf(service, 4_000));
    expect(new Set(Object.values(config.publicUrls))).toEqual(new Set([config.issuer]));
    for (const other of SERVICES) expect(config.internalUrls[other]).toBe(`http://${other}:${portsOf(other, 4_000).internal}`);
    const ports = manifest('Service', service).spec.ports.map(({ name, port }) => [name, port]);
    expect(Object.fromEntries(ports)).toEqual(portsOf(service, 4_000));
    expect(manifest('Deployment', service).spec.template.metadata.annotations['prometheus.io/port']).toBe(`${config.ports.internal}`);
    expect(container.args).toEqual([service]);
  });

  it('asks its internal port whether it lives and whether it is ready, and gives it the time it needs to leave', () => {
    expect(container.livenessProbe.httpGet).toEqual({ path: '/health/live', port: 'internal' });
    expect(container.startupProbe.httpGet).toEqual({ path: '/health/live', port: 'internal' });
    expect(container.readinessProbe.httpGet).toEqual({ path: '/health/ready', port: 'internal' });
    const leaving = container.lifecycle.preStop.sleep.seconds + Number(SHARED.LANYARD_DRAIN_DELAY) + UNDER_WAY_S + IN_HAND_S;
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(leaving);
    // Who asks for itself has noticed before the listeners close.
    const { periodSeconds, failureThreshold } = container.readinessProbe;
    expect(Number(SHARED.LANYARD_DRAIN_DELAY)).toBeGreaterThan(periodSeconds * failureThreshold);
    // A pod that leaves would be sent calls until it is gone.
    expect(manifest('Service', service).spec).not.toHaveProperty('publishNotReadyAddresses');
    expect(textOf('libs/http/src/http-app.ts')).toContain(`drainMs ?? ${UNDER_WAY_S}_000`);
    expect(textOf('libs/event-log/src/group/log-transport.ts')).toContain(`const CLOSE_MS = ${IN_HAND_S}_000;`);
  });

  it('is no root, writes only where it must, and has limits and a budget', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(container.resources).toMatchObject({ requests: { cpu: expect.any(String) }, limits: { memory: expect.any(String) } });
    const labels = manifest('Deployment', service).spec.template.metadata.labels;
    expect(manifest('PodDisruptionBudget', service).spec.selector.matchLabels).toEqual(labels);
    expect(manifest('Service', service).spec.selector).toEqual(labels);
  });
});

describe('deploy/kubernetes', () => {
  it('the Job is told the database of every role, by the names it knows, and is the image’s set-up', () => {
    const [job] = manifest('Job', 'lanyard-set-up').spec.template.spec.containers;
    expect(job?.args).toEqual(['set-up']);
    expect(job?.env.map(({ name }) => name)).toEqual(['DATABASE_URL_FILE', ...Object.values(ROLE_URL).map((name) => `${name}_FILE`)]);
  });

  it('the Ingress sends each path where the proxy of the tests sends it', () => {
    const { rules } = manifest('Ingress', 'lanyard').spec as unknown as {
      rules: { http: { paths: { path: string; backend: { service: { name: string; port: { name: string } } } }[] } }[];
    };
    const paths = rules.flatMap(({ http }) => http.paths);
    for (const { path, backend } of paths)
      expect([path, backend.service]).toEqual([path, { name: serviceOf(path), port: { name: 'public' } }]);
    const routes = [
      ...textOf('deploy/nginx/nginx.conf').matchAll(
        /location ~ \^\/(admin\/)?\(\?:([\w|]+)\).*proxy_pass|location ~ \^\/(introspect|revocations)\(/g,
      ),
    ];
    const proxied = routes.flatMap(([, admin = '', names = '', one]) =>
      one ? [`/${one}`] : names.split('|').map((name) => `/${admin}${name}`),
    );
    expect(paths.map(({ path }) => path).sort()).toEqual([...proxied, '/'].sort());
  });

  it('everything runs one image, that of docker-compose.yml', () => {
    const images = manifests.flatMap(({ spec }) => spec?.template?.spec.containers.map(({ image }) => image) ?? []);
    expect(new Set(images)).toEqual(new Set([composeFile().services['auth-1']?.image]));
    expect(images).toHaveLength(5);
  });

  it('is read by Kubernetes’ own schemas, which refuse a wrong type and a member that does not exist', () => {
    const broken = join(folder, 'broken');
    const text = readFileSync(join(ROOT, 'deploy/kubernetes/auth.yaml'), 'utf8');
    const judge = () => spawnSync(process.execPath, [join(ROOT, 'scripts/kubernetes-manifests.mjs'), broken], { encoding: 'utf8' });
    mkdirFor(broken, text.replace('replicas: 2', 'replicas: two').replace('periodSeconds: 10', 'everySeconds: 10'));
    const { status, stderr } = judge();
    expect(status).toBe(1);
    expect(stderr).toMatch(/auth\.yaml \(Deployment auth\): data\/spec\/replicas must be integer/);
    expect(stderr).toMatch(/'"everySeconds"' does not exist in type 'IProbe'/);
  }, 180_000);
});

function mkdirFor(path: string, manifestText: string): void {
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  writeFileSync(join(path, 'auth.yaml'), manifestText);
}
