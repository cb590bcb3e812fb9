import { sessionApi } from '#libs/contracts';
import { RedisServer, STORY, until } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { Scrape } from '../observability/scrape.js';
import { startWorld, type World } from '../world.js';

const SCOPE = 'openid photos:read online_access';
const STORING = ['auth', 'token', 'introspect'] as const;

let redis: RedisServer;
let world: World;
beforeAll(async () => {
  redis = await RedisServer.start();
  world = await startWorld({ env: { LANYARD_REDIS_URL: redis.url } });
}, 90_000);
afterAll(async () => {
  await world?.close();
  await redis?.close();
});

const everywhere = (up: 0 | 1) =>
  until(
    async () => {
      const seen = await Promise.all(STORING.map(async (name) => (await Scrape.of(world, name)).value('lanyard_redis_up')));
      return seen.every((value) => value === up);
    },
    { what: `Redis is ${up ? 'used' : 'away'} in all three services`, timeoutMs: 20_000 },
  );
const inRedis = async () => (await redis.admin.keys('lanyard:object:*')).length;
const inPostgres = async () => (await world.stand.database.query('SELECT 1 FROM ephemeral.object')).length;

describe('with Redis, the served path', () => {
  it('keeps sign-ins in Redis, and goes on in Postgres after kill -9: new sign-ins, tokens, checks; then in Redis again', async () => {
    await everywhere(1);
    const page = await new UserAgent().open((await world.shop.begin(SCOPE)).url, world.shop.isMine);
    expect(page.status).toBe(200);
    expect([await inRedis(), await inPostgres()]).toEqual([1, 0]);
    const before = await world.tokensFor(new UserAgent(), world.shop, SCOPE);

    await redis.kill();
    await everywhere(0);
    expect(await world.isActive(before.access_token)).toBe(true);
    const agent = new UserAgent();
    const half = await agent.open((await world.shop.begin(SCOPE)).url, world.shop.isMine);
    expect(await inPostgres()).toBe(1);
    const during = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    expect(await world.isActive(during.access_token)).toBe(true);
    for (const name of STORING) {
      const ready = await fetch(`${world.stand.internalUrl(name)}/health/ready`);
      expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('counters and objects are in Postgres')]);
    }

    await redis.run();
    await everywhere(1);
    // What began meanwhile lies in Postgres, and is found.
    expect((await agent.open(half.url, world.shop.isMine)).status).toBe(200);
    expect(await world.isActive((await world.tokensFor(new UserAgent(), world.shop, SCOPE)).access_token)).toBe(true);
    expect((await Scrape.of(world, 'auth')).value('lanyard_redis_births_total')).toBeGreaterThan(0);
  });

  it('says 503 for a sign-in that lies in a stopped Redis, and shows it when Redis goes on', async () => {
    const agent = new UserAgent();
    const page = await agent.open((await world.shop.begin(SCOPE)).url, world.shop.isMine);
    redis.pause();
    expect((await agent.open(page.url, world.shop.isMine)).status).toBe(503);
    redis.resume();
    await everywhere(1);
    expect((await agent.open(page.url, world.shop.isMine)).status).toBe(200);
  });

  it('lets nobody try more than twice as many passwords, however often Redis is emptied', async () => {
    let tried = 0;
    for (let attempt = 0; attempt < 30; attempt++) {
      await redis.admin.flushall();
      const { page } = await world.signInAt(new UserAgent(), world.shop, SCOPE, { person: { ...STORY.john, password: 'wrong' } });
      if (page.status === 429) break;
      tried += 1;
    }
    expect(tried).toBeGreaterThanOrEqual(10);
    expect(tried).toBeLessThanOrEqual(20);
  });

  it('race 13: a snapshot from before a session’s end, restored after it, brings neither the session nor its sign-ins back', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.shop, SCOPE);
    const { body } = await world.raw('gateway').introspect(tokens.access_token);
    // As far as the consent page of another client, in the same session.
    const consent = await agent.open((await world.book.begin(SCOPE)).url, world.book.isMine);
    expect(consent.status).toBe(200);
    await redis.admin.save();
    await world.stand.call('auth', sessionApi.end, { sid: String(body.sid), reason: 'admin', initiated_by: 'admin', actor: null });
    expect(await world.isActive(tokens.access_token)).toBe(false);

    await redis.kill();
    await everywhere(0);
    await redis.run();
    await everywhere(1);
    expect(await inRedis()).toBeGreaterThan(0);
    expect(await world.isActive(tokens.access_token)).toBe(false);
    expect((await world.raw('photo-shop').refresh(String(tokens.refresh_token))).body.error).toBe('invalid_grant');
    const again = await agent.open(consent.url, world.book.isMine);
    expect(world.book.isMine(again.url)).toBe(false);
    expect(again.body).toContain('type="password"');
  });
});
