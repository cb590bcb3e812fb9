import { SERVICES, sessionApi } from '#libs/contracts';
import type { SpawnedServices } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { spawnWorld, type World } from '../world.js';

/**
 * Race 14: nothing is judged by what a process remembers since its start (Keycloak CVE-2026-9802). The same story with all four
 * services killed and started again between each pair of steps.
 */
let world: World<SpawnedServices>;
beforeAll(async () => {
  world = await spawnWorld();
}, 360_000);
afterAll(() => world?.close(), 180_000);

/** What a killed process had claimed is free again after this, by the database's clock. */
const CLAIM_MS = 31_000;
const SCOPE = 'openid photos:read online_access';
const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };
const shop = () => world.patient('photo-shop');

async function everythingRestarted(): Promise<void> {
  await Promise.all(SERVICES.map((service) => world.services.signal(service, 'SIGKILL')));
  await Promise.all(SERVICES.map((service) => world.services.restart(service)));
}

describe('with every service restarted between each pair of steps', () => {
  it('a code stays good, is redeemed once, and its second use still revokes the first', async () => {
    const { started, code } = await world.signInAt(new UserAgent(), world.shop, SCOPE);
    await everythingRestarted();
    const first = await shop().exchange(code ?? '', started.verifier, world.shop.callback);
    expect(first.status).toBe(200);
    await everythingRestarted();
    expect(await world.isActive(String(first.body.access_token))).toBe(true);
    expect(await shop().exchange(code ?? '', started.verifier, world.shop.callback)).toMatchObject(INVALID_GRANT);
    await everythingRestarted();
    expect(await world.isActive(String(first.body.access_token))).toBe(false);
    expect(await shop().refresh(String(first.body.refresh_token))).toMatchObject(INVALID_GRANT);
  }, 360_000);

  it('a superseded refresh token is still a replay, and the family stays dead', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    await everythingRestarted();
    const second = await shop().refresh(tokens.refresh_token);
    await everythingRestarted();
    const third = await shop().refresh(String(second.body.refresh_token));
    expect(third.status).toBe(200);
    await everythingRestarted();
    expect(await shop().refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT);
    await everythingRestarted();
    expect(await shop().refresh(String(third.body.refresh_token))).toMatchObject(INVALID_GRANT);
    expect(await world.isActive(String(third.body.access_token))).toBe(false);
  }, 360_000);

  it('a browser stays signed in, and a session that ended stays ended', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.shop, SCOPE);
    const { body } = await world.patient('gateway').introspect(tokens.access_token);
    await everythingRestarted();
    expect((await world.signInAt(agent, world.shop, SCOPE, { more: { prompt: 'none' } })).error).toBeNull();
    const ended = { sid: String(body.sid), reason: 'admin', initiated_by: 'admin', actor: null } as const;
    expect(await world.stand.call('auth', sessionApi.end, ended)).toMatchObject({ ended: true });
    await everythingRestarted();
    expect(await world.isActive(tokens.access_token)).toBe(false);
    expect(await shop().refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT);
    expect((await world.signInAt(agent, world.shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
    if ((await world.openDeliveries()) > 0) await world.advance(CLAIM_MS);
    await world.everybodyTold();
  }, 360_000);

  it('a revoked access token stays revoked', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    await shop().revoke(tokens.access_token);
    await everythingRestarted();
    expect(await world.isActive(tokens.access_token)).toBe(false);
    expect((await shop().userinfo(tokens.access_token)).status).toBe(401);
  }, 180_000);
});
