import { sessionApi } from '#libs/contracts';
import { ReplicatedPostgres, type SpawnedServices, until } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { spawnWorld, type World } from '../world.js';

/**
 * Race 12 of RELIABILITY.md: truth and bootstrap read the primary. A standby, however far behind, can make nothing fresh, because it gives no ticket.
 */
let replicated: ReplicatedPostgres;
let world: World<SpawnedServices>;
const shared = process.env.LANYARD_TEST_POSTGRES;
beforeAll(async () => {
  replicated = await ReplicatedPostgres.start();
  process.env.LANYARD_TEST_POSTGRES = replicated.adminUrl;
  world = await spawnWorld();
}, 360_000);
afterAll(async () => {
  await world?.close();
  process.env.LANYARD_TEST_POSTGRES = shared;
  await replicated?.stop();
}, 180_000);

const introspected = (token: string) => world.raw('gateway').introspect(token);
const logOn = async (place: 'primary' | 'standby') => {
  await world.services.signal('introspect', 'SIGTERM');
  const url = world.stand.database.url('lanyard_log');
  world.services.start('introspect', { LOG_DATABASE_URL: place === 'standby' ? replicated.onStandby(url) : url });
};
const caughtUp = async () => {
  const behind = "SELECT count(*)::int AS entries FROM session.outbox WHERE stream = 'revocations'";
  const [there] = await world.stand.database.query<{ entries: number }>(behind);
  const url = replicated.onStandby(world.stand.database.adminUrl);
  return { there: there?.entries, here: (await replicated.askStandby<{ entries: number }>(behind, url))[0]?.entries };
};

describe('a standby that streams from the primary', () => {
  it('is no place to read the log from: introspection is not ready, says why, and calls nothing active', async () => {
    const { access_token } = await world.tokensFor(new UserAgent(), world.shop, 'openid photos:read online_access');
    expect(await world.isActive(access_token)).toBe(true);
    await logOn('standby');
    const why = async () => (await fetch(`${world.stand.internalUrl('introspect')}/health/ready`)).text();
    await until(async () => /"name":"view","ok":false/.test(await why()), { what: 'introspect answers' });
    expect((await introspected(access_token)).status).toBe(503);
    await logOn('primary');
    await world.services.ready('introspect');
    expect(await world.isActive(access_token)).toBe(true);
  });

  it('may lie behind by any time: what ended at the primary is inactive', async () => {
    const { access_token } = await world.tokensFor(new UserAgent(), world.shop, 'openid photos:read online_access');
    const sid = String((await introspected(access_token)).body.sid);
    await replicated.askStandby('SELECT pg_wal_replay_pause()');
    expect(await world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null })).toMatchObject({
      ended: true,
      confirmed: true,
    });
    expect(await world.isActive(access_token)).toBe(false);
    const { there, here } = await caughtUp();
    expect(here).toBeLessThan(there ?? 0);
    await replicated.askStandby('SELECT pg_wal_replay_resume()');
    await until(async () => (await caughtUp()).here === there, { what: 'the standby follows again' });
  });
});
