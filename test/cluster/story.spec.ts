import { Redis } from 'ioredis';
import { until } from '#libs/testing';
import { tellStory } from '../story/story.js';
import { World } from '../world.js';
import { ClusterServices } from './cluster-services.js';
import { demoWithout503 } from './play-demo.js';

/** What is shown is that it works, not how fast: twelve processes and a browser on a machine that runs other tests too may be slow, not refuse. */
const SETTINGS = { freshness_bound_ms: 10_000, confirm_wait_ms: 1_500 };
jest.setTimeout(90_000);

/** Issue 5, item 4: the same story, on Kafka and Redis, two of each service and one origin. */
describe('on a cluster', () => {
  let services: ClusterServices;
  let world: World<ClusterServices>;
  const start = async () => (world = await World.start(async (config) => (services = await ClusterServices.start(config)), SETTINGS));
  tellStory(start, 300_000);

  describe('beside which npm run demo is called', () => {
    it('plays it to its end, and all that it expects holds', async () => {
      // The demonstration has its clients hear for themselves.
      await Promise.all([world.receivers['photo-shop'].close(), world.receivers['photo-book'].close()]);
      const { code, output } = await until(() => demoWithout503(services.environment), {
        timeoutMs: 80_000,
        what: 'the demonstration played',
      });
      expect(output).toMatch(/\n(\d\d) of \1 expectations hold\.\n$/);
      for (const api of ['the photo API', 'the print API', 'the album API behind nginx']) expect(output).toContain(`✓ ${api} refuses the`);
      expect(code).toBe(0);
    });
  });

  describe('which has Kafka and Redis', () => {
    it('nothing of it ended by itself', () => {
      expect(services.lost).toEqual([]);
    });

    // The story revokes nothing by a grant alone, which is what token publishes.
    it.each(['auth', 'session'])('Kafka took every event of %s', async (source) => {
      const behind = `SELECT stream, partition FROM ${source}.outbox_partition WHERE published < last_pseq`;
      await until(async () => (await services.world.database.query(behind)).length === 0, { what: 'all published' });
      const taken = await services.world.database.query(`SELECT 1 FROM ${source}.outbox_partition WHERE published > 0`);
      expect(taken.length).toBeGreaterThan(0);
    });

    it('Redis held what the pages put there', async () => {
      const redis = new Redis(services.redis);
      const [, scripts = '0'] = /cmdstat_evalsha:calls=(\d+)/.exec(await redis.info('commandstats')) ?? [];
      redis.disconnect();
      expect(Number(scripts)).toBeGreaterThan(10);
    });
  });
});
