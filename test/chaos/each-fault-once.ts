import { SERVICES } from '#libs/contracts';
import type { Figures } from '../../scripts/chaos/figures.js';
import { TOKENLESS } from '../../scripts/chaos/late-tokens.js';
import { type Report, reportText } from '../../scripts/chaos/report.js';
import { runChaos } from '../../scripts/chaos/run.js';
import type { ClusterWorld } from '../cluster/start-cluster.js';

/** Every weather is in it, one before each thing that weather can be before. */
const SEED = 20_261_383;
const LIMITS = { forMs: 400_000, eachKindOnce: { paired: 0.6 }, rate: 15, alive: 16, longestFaultMs: 2_500 };

const OF_SERVICES = [
  ...['auth', 'introspect', 'session', 'token'].map((service) => `kill -9 of ${service}`),
  ...['SIGSTOP of a service', 'weather between a service and Postgres', 'weather between services'],
  ...['half of the logout receivers fail', 'reset of all connections', 'restart of postgres', 'SIGSTOP of postgres'],
];
const OF_THOSE_BESIDE = ['kafka', 'redis'].flatMap((name) => [`restart of ${name}`, `SIGSTOP of ${name}`, `weather before ${name}`]);

/** The short version of `npm run chaos`: each kind of fault once while people sign in, refresh, are asked about and sign out; the same judge. */
export function eachFaultOnce(world: () => ClusterWorld): void {
  describe('two of each service, and each kind of fault once', () => {
    it('breaks no promise, and no process ends by itself', async () => {
      const { cluster, receivers, lost } = world();
      const { figures, brokenForMs } = await runChaos(cluster, receivers, { ...LIMITS, seed: SEED, say: () => undefined });
      process.stdout.write(`${reportText({ seed: SEED, seconds: Math.round(brokenForMs / 1_000), ...standing(world()), figures })}\n`);
      expect(figures.violations).toEqual([]);
      const given = TOKENLESS.map((kind) => [kind, figures.tokensForRequestsAfterAnEnd[kind]]);
      expect(given).toEqual(TOKENLESS.map((kind) => [kind, 0]));
      expect(lost).toEqual([]);
      expect(figures.endsAcknowledged).toBeGreaterThan(0);
      expect(figures.introspectionsAfterAnEnd).toBeGreaterThan(figures.sessionsEnded);
      expect(figures.introspectionsWithoutProof).toBeGreaterThan(0);
      const expected = [...OF_SERVICES, ...(cluster.options.beside ? OF_THOSE_BESIDE : [])];
      expect(kindsOf(figures)).toEqual(Object.fromEntries(expected.map((kind) => [kind, 1])));
    }, 600_000);
  });
}

/** Which weather it is, and which service is paused, are the seed's to choose. */
function kindsOf({ faults }: Figures): Record<string, number> {
  return Object.fromEntries(
    Object.entries(faults).map(([name, count]) => [
      name
        .replace(/^(?:cut|hole|half-open|delay) /, 'weather ')
        .replace(/^(SIGSTOP of) (?:auth|session|token|introspect)$/, '$1 a service'),
      count,
    ]),
  );
}

function standing({ cluster, lost }: ClusterWorld): Pick<Report, 'eventLog' | 'instances' | 'lost'> {
  const instances = Object.fromEntries(SERVICES.map((service) => [service, cluster.of(service).length]));
  return { eventLog: cluster.options.beside ? 'kafka' : 'postgres', instances, lost };
}
