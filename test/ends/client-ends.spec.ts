import { STORY } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';
import { aliveAt, deadAt, endedFor, logoutTokenAt, OFFLINE, ONLINE, PATIENT, signedIn } from './life.js';

/** What ends without the user's doing anything wrong: a client switched off, a consent withdrawn, another person at the keyboard. */
let world: World;
let operator: Operator;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
  operator = new Operator(world.services);
}, 360_000);
afterAll(() => world?.close());

const switched = (clientId: string, action: 'enable' | 'disable') => operator.call('auth', 'POST', `/admin/clients/${clientId}/${action}`);
const stateOf = async (sid: string) =>
  (await world.stand.database.query('SELECT state FROM session.session WHERE sid = $1', [sid]))[0]?.state;

describe('a client disabled', () => {
  test('fails everywhere, its tokens are dead, the session and other clients go on; enabled again its grants resume, its tokens don’t', async () => {
    const { agent, sid, online, offline } = await signedIn(world);
    expect(await switched('photo-shop', 'disable')).toMatchObject({ status: 200, body: { gen: 1, confirmed: true } });

    expect(await world.isActive(online.access_token)).toBe(false);
    expect((await world.raw('photo-shop').userinfo(online.access_token)).status).toBe(401);
    expect(await world.raw('photo-shop').refresh(online.refresh_token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    const { page, code } = await world.signInAt(agent, world.shop, ONLINE);
    expect([page.status, code, world.shop.isMine(page.url)]).toEqual([400, null, false]);
    expect(await stateOf(sid)).toBe('active');
    await aliveAt(world, 'photo-backup', offline);

    expect(await switched('photo-shop', 'enable')).toMatchObject({ status: 200, body: { gen: 2, confirmed: true } });
    expect(await world.isActive(online.access_token)).toBe(false);
    const resumed = await world.raw('photo-shop').refresh(online.refresh_token);
    expect(resumed.status).toBe(200);
    expect(await world.isActive(String(resumed.body.access_token))).toBe(true);
    await aliveAt(world, 'photo-shop', await world.tokensFor(agent, world.shop, ONLINE));
  });

  test('while it is disabled, a session that ends still ends its grants; they don’t resume', async () => {
    const { sub, sid, online } = await signedIn(world);
    await switched('photo-shop', 'disable');
    await operator.call('auth', 'POST', `/admin/users/${sub}/revoke-all`);
    await switched('photo-shop', 'enable');
    await deadAt(world, 'photo-shop', online);
    await endedFor(world, sid, { reason: 'subject_revoked', initiated_by: 'admin', actor: 'client:admin-cli' });
  });
});

describe('a consent withdrawn', () => {
  test('kills the grants that hang from it, and nothing else; given again it does not bring them back', async () => {
    const { agent, sub, sid, online, offline } = await signedIn(world);
    const listed = async () => (await operator.call('auth', 'GET', `/admin/users/${sub}/consents`)).body.items as Record<string, unknown>[];
    const before = (await listed()).find(({ client_id }) => client_id === 'photo-backup');
    expect(before).toMatchObject({ client_name: 'photo backup', scopes: expect.arrayContaining(['offline_access']) });
    expect(before?.offline_since).toEqual(expect.any(Number));

    const revoke = () => operator.call('auth', 'POST', `/admin/users/${sub}/consents/photo-backup/revoke`);
    expect(await revoke()).toMatchObject({ status: 200, body: { revoked: true, confirmed: true } });
    await deadAt(world, 'photo-backup', offline);
    expect(await stateOf(sid)).toBe('active');
    await aliveAt(world, 'photo-shop', online);
    expect((await listed()).map(({ client_id }) => client_id)).not.toContain('photo-backup');
    expect(await revoke()).toMatchObject({ status: 200, body: { revoked: false } });
    const audit = await world.stand.database.query('SELECT actor, action FROM auth.audit WHERE target = $1 ORDER BY id', [
      before?.consent_id,
    ]);
    expect(audit.slice(-2)).toEqual([
      { actor: 'client:admin-cli', action: 'consent.revoked' },
      { actor: 'client:admin-cli', action: 'consent.grants_revoked' },
    ]);

    const again = await world.tokensFor(agent, world.backup, OFFLINE, { more: { prompt: 'consent' } });
    await deadAt(world, 'photo-backup', offline);
    await aliveAt(world, 'photo-backup', again);
    expect((await listed()).find(({ client_id }) => client_id === 'photo-backup')?.consent_id).not.toBe(before?.consent_id);
  });
});

describe('another user signing in in the same browser', () => {
  test('ends the session that was there, by that user; what is offline goes on', async () => {
    const agent = new UserAgent();
    const jane = await signedIn(world, STORY.jane, agent);
    const john = await world.tokensFor(agent, world.shop, ONLINE, { person: STORY.john, more: { prompt: 'login' } });
    const { sub } = (await world.raw('gateway').introspect(john.access_token)).body;
    expect(sub).not.toBe(jane.sub);
    await deadAt(world, 'photo-shop', jane.online);
    await endedFor(world, jane.sid, { reason: 'user_switch', initiated_by: 'user', actor: String(sub) });
    await logoutTokenAt(world, 'photo-shop', jane.sid);
    await aliveAt(world, 'photo-backup', jane.offline);
    await aliveAt(world, 'photo-shop', john);
  });
});
