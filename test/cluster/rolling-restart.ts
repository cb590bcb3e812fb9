import { SERVICES } from '#libs/contracts';
import { until } from '#libs/testing';
import type { Token } from '../../scripts/chaos/lives.js';
import type { Cluster } from '../../scripts/cluster/cluster.js';
import { restart } from '../../scripts/cluster/member.js';
import type { ServiceMember } from '../../scripts/cluster/service-member.js';
import type { ClusterWorld, Users } from './start-cluster.js';

const AT_ONCE = 3;

/**
 * Issue 5, item 5: drain, readiness, requests under way; the front and the balancers take out who says it is unready. The services roll side by side, as
 * deployments do that know nothing of each other. A machine that is busy with starting processes may make a service say 503 because another one took
 * longer than its budget: that heals by asking again, and is counted.
 */
export function rollingRestart(world: () => ClusterWorld): void {
  describe('one of each service taken away for good, then every other one stopped with SIGTERM and started again, under load', () => {
    it('meets no closed door, breaks no request, and nothing fails that asking again does not heal', async () => {
      const { cluster, lost } = world();
      const users = world().users();
      const before = cluster.refusals;
      let rolling = true;
      const user = async (name: string) => {
        while (rolling) await wholeLife(users, cluster, name);
      };
      const busy = Array.from({ length: AT_ONCE }, (_, n) => user(`user-${n + 1}`));
      const all = cluster.services.length;
      await Promise.all(SERVICES.map((service) => cluster.retire(cluster.of(service).at(-1) as ServiceMember)));
      await Promise.all(SERVICES.map((service) => oneAfterTheOther(cluster.of(service))));
      rolling = false;
      await Promise.all(busy);

      expect(cluster.services.length).toBe(all - SERVICES.length);
      expect(cluster.refusals).toEqual(before);
      const asked = users.recorder.steps.flatMap((step) => ('outcome' in step ? [step.outcome] : []));
      expect(new Set(asked.filter((outcome) => outcome !== 'unavailable'))).toEqual(new Set(['ok', 'active']));
      expect(users.recorder.steps.filter(({ kind }) => kind === 'end').length).toBeGreaterThan(all);
      expect(lost).toEqual([]);
      const said503 = asked.filter((outcome) => outcome === 'unavailable').length;
      process.stdout.write(
        `rolling restart of ${cluster.services.length} processes: ${asked.length} requests, ${said503} of them 503 once\n`,
      );
    }, 400_000);
  });
}

async function oneAfterTheOther(members: readonly ServiceMember[]): Promise<void> {
  for (const member of members) await restart(member);
}

/** All that a session does in its life. */
async function wholeLife({ deeds }: Users, cluster: Cluster, user: string): Promise<void> {
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
  return until(async () => (await deed()) ?? false, { timeoutMs: 60_000, everyMs: 250, what });
}
