import { TOKENLESS } from '../../scripts/chaos/late-tokens.js';
import { reportText } from '../../scripts/chaos/report.js';
import { runChaos } from '../../scripts/chaos/run.js';
import { ClusterWorld } from '../cluster/start-cluster.js';

const FAULTS = 4;
const SEED = 20_261_121;

/** The short version of `npm run chaos`: one of each service is killed while people sign in, refresh, are asked about and sign out. */
describe('two of each service, one of each killed with -9 under load', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await ClusterWorld.of(2);
    await world.cluster.start();
  }, 240_000);
  afterAll(() => world?.close(), 120_000);

  it('break no promise', async () => {
    const { cluster, receivers, lost } = world;
    const limits = { forMs: 20_000, faults: FAULTS, rate: 15, longestFaultMs: 1_000 };
    const { figures } = await runChaos(cluster, receivers, { ...limits, seed: SEED, say: () => undefined });
    const instances = { auth: 2, token: 2, session: 2, introspect: 2 };
    process.stdout.write(
      reportText({ seed: SEED, seconds: limits.forMs / 1_000, eventLog: 'postgres', instances, lost, figures }).concat('\n'),
    );
    expect(figures.violations).toEqual([]);
    const given = TOKENLESS.map((kind) => [kind, figures.tokensForRequestsAfterAnEnd[kind]]);
    expect(given).toEqual(TOKENLESS.map((kind) => [kind, 0]));
    expect(lost).toEqual([]);
    expect(figures.endsAcknowledged).toBeGreaterThan(0);
    expect(figures.introspectionsAfterAnEnd).toBeGreaterThan(figures.sessionsEnded);
    expect(Object.values(figures.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  }, 240_000);
});
