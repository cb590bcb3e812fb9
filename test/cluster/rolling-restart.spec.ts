import { until } from '#libs/testing';
import type { Token } from '../../scripts/chaos/lives.js';
import { restart } from '../../scripts/cluster/member.js';
import { ClusterWorld } from './start-cluster.js';

const AT_ONCE = 3;

/**
 * Issue 5, item 5: drain, readiness, requests under way; the front and the balancers take out who says it is unready. A machine that is busy with
 * starting processes may make a service say 503 because another one took longer than its budget: that heals by asking again, and is counted.
 */
describe('every instance of a cluster stopped with SIGTERM and started again, one after the other, under load', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await ClusterWorld.of(2);
    await world.cluster.start();
  }, 400_000);
  afterAll(() => world?.close(), 120_000);

  it('meets no closed door, breaks no request, and nothing fails that asking again does not heal', async () => {
    const { cluster, recorder } = world;
    const before = cluster.refusals;
    let rolling = true;
    const user = async (name: string) => {
      while (rolling) await wholeLife(world, name);
    };
    const users = Array.from({ length: AT_ONCE }, (_, n) => user(`user-${n + 1}`));
    for (const member of cluster.services) await restart(member);
    rolling = false;
    await Promise.all(users);

    expect(cluster.refusals).toEqual(before);
    const asked = recorder.steps.flatMap((step) => ('outcome' in step ? [step.outcome] : []));
    expect(new Set(asked.filter((outcome) => outcome !== 'unavailable'))).toEqual(new Set(['ok', 'active']));
    expect(recorder.steps.filter(({ kind }) => kind === 'end').length).toBeGreaterThan(cluster.services.length);
    expect(world.lost).toEqual([]);
    const busy = asked.filter((outcome) => outcome === 'unavailable').length;
    process.stdout.write(`rolling restart of ${cluster.services.length} processes: ${asked.length} requests, ${busy} of them 503 once\n`);
  }, 400_000);
});

/** All that a session does in its life. */
async function wholeLife({ deeds, cluster }: ClusterWorld, user: string): Promise<void> {
  const life = await again(`${user} signs in`, () => deeds.startSession(user));
  await again('exchange', async () => {
    const code = await deeds.issueCode(life, 'shop');
    if (code !== null) await deeds.exchange(life, 'shop', code);
    return life.grants.length > 0;
  });
  const [grant] = life.grants;
  if (!grant) return;
  await again('refresh', async () => (await deeds.refresh(life, grant)) !== 'unavailable');
  const token = grant.tokens.at(-1) as Token;
  // Not each instance by itself: those that leave are the front's to know.
  const front = { name: 'front', publicUrl: cluster.issuer };
  await again('introspection', async () => (await deeds.introspect(life, token, front)) !== 'unavailable');
  await again('userinfo', async () => (await deeds.userinfo(life, token)) !== 'unavailable');
  await again('end', async () => (await deeds.endByOperator(life)) !== 'unavailable');
}

/** As a client that heeds Retry-After: until it is done, for as long as a machine that starts two processes at a time may need. */
function again<T>(what: string, deed: () => Promise<T | null | false>): Promise<T> {
  return until(async () => (await deed()) ?? false, { timeoutMs: 30_000, everyMs: 250, what });
}
