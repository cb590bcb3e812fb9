import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { until } from '#libs/testing';
import { ClusterPorts } from '../../scripts/cluster/cluster-ports.js';
import { RedisMember } from '../../scripts/cluster/redis-member.js';
import { claimDataDirectory, type DataDirectory } from '../../scripts/start/data-directory.js';

describe('the Redis of a cluster', () => {
  let directory: DataDirectory;
  let redis: RedisMember;
  const lost: string[] = [];
  beforeAll(async () => {
    directory = claimDataDirectory(mkdtempSync(join(tmpdir(), 'lanyard-redis-member-')));
    const none = Object.fromEntries(SERVICES.map((name) => [name, 0])) as Record<ServiceName, number>;
    redis = new RedisMember(directory, (await ClusterPorts.free(none)).redis, (how) => lost.push(how));
  });
  afterAll(async () => {
    await redis.kill();
    rmSync(directory.path, { recursive: true, force: true });
  });

  it('is stopped, killed and started again on its port, and nobody is told of an end that was asked for', async () => {
    for (const end of [() => redis.stop(), () => redis.kill()]) {
      await redis.start();
      const { pid } = redis;
      expect([redis.running, existsSync(`/proc/${pid}`)]).toEqual([true, true]);
      await end();
      expect([redis.running, existsSync(`/proc/${pid}`)]).toEqual([false, false]);
    }
    expect(lost).toEqual([]);
  });

  it('is missed when it ends by itself', async () => {
    await redis.start();
    process.kill(redis.pid, 'SIGKILL');
    await until(() => lost.length > 0, { what: 'its end noticed' });
    expect([lost, redis.running]).toEqual([['has stopped'], false]);
  });

  it('that can’t have its port says where to read why', async () => {
    await redis.start();
    const second = new RedisMember(directory, redis.port);
    await expect(second.start()).rejects.toThrow(/^Redis did not start: see .*redis\.log\.$/);
  });
});
