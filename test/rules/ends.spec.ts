import { type EndReason, sessionApi } from '#libs/contracts';
import { until } from '#libs/testing';
import type { TokenSet } from '../actors/raw-client.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** Rule: `online_access` is bound to the session, whoever ends it; `offline_access` survives it; revoking goes downwards only. */
let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { access_token_ttl: 3_600, max_access_token_ttl: 7_200 } });
}, 360_000);
afterAll(() => world?.close());

const SCOPE = 'openid profile photos:read online_access';
const end = (sid: string, reason: EndReason = 'admin') =>
  world.stand.call('auth', sessionApi.end, { sid, reason, initiated_by: 'admin', actor: 'operator' });

async function signedIn(scope = SCOPE) {
  const agent = new UserAgent();
  const tokens = await world.tokensFor(agent, world.shop, scope);
  const { body } = await world.patient('gateway').introspect(tokens.access_token);
  return { agent, tokens, sid: String(body.sid), sub: String(body.sub) };
}

async function refusedEverywhere({ access_token, refresh_token }: TokenSet): Promise<void> {
  expect(await world.isActive(access_token)).toBe(false);
  expect((await world.patient('photo-shop').userinfo(access_token)).status).toBe(401);
  expect(await world.patient('photo-shop').refresh(refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
}

describe('an online grant ends with its session', () => {
  it('ended by an operator: acknowledged, confirmed by every view, and refused everywhere at once', async () => {
    const { tokens, sid } = await signedIn();
    expect(await end(sid)).toMatchObject({ ended: true, confirmed: true });
    await refusedEverywhere(tokens);
  });

  it('ended a second time: nothing is announced again', async () => {
    const { sid } = await signedIn();
    await end(sid);
    expect(await end(sid)).toMatchObject({ ended: false });
    const events = await world.stand.database.query("SELECT 1 FROM session.outbox WHERE name = 'SessionEnded' AND key = $1", [sid]);
    expect(events).toHaveLength(1);
  });

  it('ended by the user signing out at the provider, after being asked', async () => {
    const { agent, tokens } = await signedIn();
    const page = await agent.open(world.metadata.end_session_endpoint);
    const [form] = agent.forms(page);
    expect(form?.method).toBe('post');
    expect(await world.isActive(tokens.access_token)).toBe(true);
    const button = form?.buttons[0];
    if (form) await agent.submit(page, form, button?.name ? { [button.name]: button.value } : {}, () => false);
    await refusedEverywhere(tokens);
  });

  it('ended by a relying party that knows whose session it is', async () => {
    const { agent, tokens } = await signedIn();
    const url = world.shop.logoutUrl(tokens.id_token, 'state-1');
    const page = await agent.open(url, world.shop.isMine);
    expect(page.url.href).toBe(`${world.shop.signedOut}?state=state-1`);
    await refusedEverywhere(tokens);
  });
});

describe('revoking goes downwards only', () => {
  it('a refresh token revoked kills its grant and its access tokens, never the session', async () => {
    const { agent, tokens, sid } = await signedIn();
    expect((await world.patient('photo-shop').revoke(tokens.refresh_token)).status).toBe(200);
    await refusedEverywhere(tokens);
    expect(await stateOf(sid)).toBe('active');
    const again = await world.signInAt(agent, world.shop, SCOPE, { more: { prompt: 'none' } });
    expect(again.error).toBeNull();
    expect(again.code).toEqual(expect.any(String));
  });

  it('an access token revoked dies alone', async () => {
    const { tokens } = await signedIn();
    const second = await world.patient('photo-shop').refresh(tokens.refresh_token);
    expect((await world.patient('photo-shop').revoke(tokens.access_token)).status).toBe(200);
    expect(await world.isActive(tokens.access_token)).toBe(false);
    expect(await world.isActive(String(second.body.access_token))).toBe(true);
    expect((await world.patient('photo-shop').refresh(String(second.body.refresh_token))).status).toBe(200);
  });

  it('another client’s revocation has no effect', async () => {
    const { tokens } = await signedIn();
    for (const token of [tokens.refresh_token, tokens.access_token])
      expect((await world.patient('photo-book').revoke(token)).status).toBe(200);
    expect(await world.isActive(tokens.access_token)).toBe(true);
    expect((await world.patient('photo-shop').refresh(tokens.refresh_token)).status).toBe(200);
  });
});

describe('an offline grant', () => {
  it('survives the end of its session, and its client hears of the end', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.backup, 'openid photos:read offline_access', { more: { prompt: 'consent' } });
    expect((await world.patient('gateway').introspect(tokens.access_token)).body).not.toHaveProperty('sid');
    const { tokens: online, sid } = await signedInAs(agent);
    const before = world.receivers['photo-backup'].deliveries.length;
    await end(sid);
    expect(await world.isActive(online.access_token)).toBe(false);
    expect(await world.isActive(tokens.access_token)).toBe(true);
    expect((await world.patient('photo-backup').refresh(tokens.refresh_token)).status).toBe(200);
    await world.receivers['photo-backup'].received(before + 1);
  });

  async function signedInAs(agent: UserAgent) {
    const tokens = await world.tokensFor(agent, world.shop, SCOPE);
    return { tokens, sid: String((await world.patient('gateway').introspect(tokens.access_token)).body.sid) };
  }
});

/** Last in this file: the database's clock only goes ahead, and what the views know of it never goes back. */
describe('an online grant ends with its session when its time is over', () => {
  it('ended by idle time, at its deadline and not by the reaper’s coming', async () => {
    const { tokens, sid } = await signedIn();
    await world.advance(1_801_000);
    expect(await world.patient('photo-shop').refresh(tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    await until(async () => !(await world.isActive(tokens.access_token)));
    await until(async () => (await stateOf(sid)) === 'ended', { what: 'the reaper has been' });
    await refusedEverywhere(tokens);
  });

  it('ended by max lifetime, however active it was', async () => {
    const { tokens, sid } = await signedIn();
    let { refresh_token } = tokens;
    for (let minutes = 0; minutes < 600; minutes += 25) {
      await world.advance(25 * 60_000);
      const answer = await world.patient('photo-shop').refresh(refresh_token);
      if (answer.status !== 200) break;
      refresh_token = String(answer.body.refresh_token);
      expect(minutes).toBeLessThan(599);
    }
    await until(async () => (await reasonOf(sid)) === 'max_lifetime', { what: 'ended by max_lifetime' });
    await refusedEverywhere({ ...tokens, refresh_token });
  });
});

async function stateOf(sid: string): Promise<unknown> {
  return (await world.stand.database.query('SELECT state FROM session.session WHERE sid = $1', [sid]))[0]?.state;
}

async function reasonOf(sid: string): Promise<unknown> {
  return (await world.stand.database.query('SELECT end_reason FROM session.session WHERE sid = $1', [sid]))[0]?.end_reason;
}
