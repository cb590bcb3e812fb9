import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SERVICES, type ServiceName, sessionApi } from '#libs/contracts';
import { type SpawnedServices, until } from '#libs/testing';
import { verifyLogoutToken } from '../actors/logout-token.js';
import { UserAgent } from '../actors/user-agent.js';
import { lanyardAt } from '../cli/operators-terminal.js';
import { spawnWorld, type World } from '../world.js';

/**
 * Race 11: wall clocks that are five minutes off, one process ahead and its neighbour behind. Nothing is judged by them, so an end
 * is an end at once, a token lives as long as it says, and the services go on talking to each other.
 */
let world: World<SpawnedServices>;
beforeAll(async () => {
  world = await spawnWorld();
}, 360_000);
afterAll(() => world?.close(), 180_000);

const MINUTES_OFF: Readonly<Record<ServiceName, number>> = { auth: 5, session: -5, token: 5, introspect: -5 };
const PRELOAD = `--import=${pathToFileURL(join(import.meta.dirname, 'shifted-clock.mjs')).href}`;
const BOUND_MS = 2_000;
const SCOPE = 'openid photos:read online_access';

const shop = () => world.patient('photo-shop');
const introspected = async (token: string) => (await world.patient('gateway').introspect(token)).body;

describe.each([1, -1])('race 11: clocks of the services 300 s off (%i)', (sign) => {
  beforeAll(async () => {
    for (const name of SERVICES) await world.services.signal(name, 'SIGTERM');
    for (const name of SERVICES) {
      world.services.start(name, { NODE_OPTIONS: PRELOAD, LANYARD_TEST_CLOCK_MS: String(MINUTES_OFF[name] * sign * 60_000) });
    }
    await Promise.all(SERVICES.map((name) => world.services.ready(name)));
  }, 180_000);

  it('tokens are made and checked, and say the time of the database', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    const claims = await introspected(tokens.access_token);
    expect(claims.active).toBe(true);
    expect(Math.abs(Number(claims.iat) - (await world.stand.time.now()) / 1_000)).toBeLessThan(10);
    expect((await shop().refresh(tokens.refresh_token)).status).toBe(200);
    expect((await shop().userinfo(tokens.access_token)).status).toBe(200);
  });

  it('and the doctor names each process, how far its clock is off and in which direction', async () => {
    const { code, out } = await lanyardAt(world.issuer).run(['check']);
    expect(code).toBe(6);
    for (const name of SERVICES) {
      const direction = MINUTES_OFF[name] * sign > 0 ? 'ahead of' : 'behind';
      expect(out).toMatch(
        new RegExp(`^false +${name} 127\\.0\\.0\\.1:\\d+ +clock +5 min ${direction} the database: set this machine's date$`, 'm'),
      );
    }
  });

  it('an end that was acknowledged is an end everywhere, and its logout token is valid', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    const sid = String((await introspected(tokens.access_token)).sid);
    const told = world.receivers['photo-shop'].deliveries.length;
    const ended = await world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });
    expect(ended).toMatchObject({ ended: true });
    await until(async () => (await introspected(tokens.access_token)).active === false, { timeoutMs: BOUND_MS, what: 'inactive' });
    await until(async () => (await shop().userinfo(tokens.access_token)).status === 401, { timeoutMs: BOUND_MS, what: 'refused' });
    expect(await shop().refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    const delivery = (await world.receivers['photo-shop'].received(told + 1))[told];
    const expected = { issuer: world.issuer, clientId: 'photo-shop', jwksUri: world.metadata.jwks_uri };
    expect(await verifyLogoutToken(delivery?.logoutToken ?? '', expected)).toMatchObject({ sid });
  });

  it('an access token is good until its time is over by the database’s clock, and not after', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    await world.advance((tokens.expires_in - 30) * 1_000);
    expect((await introspected(tokens.access_token)).active).toBe(true);
    await world.advance(31_000);
    expect(await introspected(tokens.access_token)).toEqual({ active: false });
    expect((await shop().userinfo(tokens.access_token)).status).toBe(401);
  });
});
