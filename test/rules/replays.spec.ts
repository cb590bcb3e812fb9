import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** Rule: a code works once, refresh tokens are bound to their client; race 6: a lost response gives the same successor, a replay kills. */
let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { session_idle: 36_000 } });
}, 360_000);
afterAll(() => world?.close());

const SCOPE = 'openid photos:read online_access';
const shop = () => world.raw('photo-shop');
const viewer = () => world.raw('photo-viewer');
const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } };

describe('a code used twice', () => {
  it('by its client: the second is invalid_grant and what the first got is revoked', async () => {
    const { started, code } = await world.signInAt(new UserAgent(), world.shop, SCOPE);
    const exchange = () => shop().exchange(code ?? '', started.verifier, world.shop.callback);
    const first = await exchange();
    expect(await world.isActive(String(first.body.access_token))).toBe(true);
    expect(await exchange()).toMatchObject(INVALID_GRANT);
    expect(await world.isActive(String(first.body.access_token))).toBe(false);
    expect(await shop().refresh(String(first.body.refresh_token))).toMatchObject(INVALID_GRANT);
  });

  it('by others: they harm nobody', async () => {
    const { started, code } = await world.signInAt(new UserAgent(), world.shop, SCOPE);
    const wrong = [
      () => world.raw('photo-book').exchange(code ?? '', started.verifier, world.shop.callback),
      () => shop().exchange(code ?? '', 'v'.repeat(43), world.shop.callback),
      () => shop().exchange(code ?? '', started.verifier, `${world.shop.origin}/elsewhere`),
    ];
    for (const attempt of wrong) expect(await attempt()).toMatchObject(INVALID_GRANT);
    const first = await shop().exchange(code ?? '', started.verifier, world.shop.callback);
    expect(first.status).toBe(200);
    for (const attempt of wrong) expect(await attempt()).toMatchObject(INVALID_GRANT);
    expect(await world.isActive(String(first.body.access_token))).toBe(true);
  });
});

describe('a refresh token', () => {
  it('in another client’s hands is invalid_grant and stays good in its own', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    expect(await world.raw('photo-book').refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT);
    expect((await shop().refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('is introspected for its own client alone', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    expect((await shop().introspect(tokens.refresh_token, { token_type_hint: 'access_token' })).body).toMatchObject({
      active: true,
      client_id: 'photo-shop',
    });
    for (const other of ['photo-book', 'gateway', 'photos-api'])
      expect((await world.raw(other).introspect(tokens.refresh_token)).body).toEqual({ active: false });
    await shop().revoke(tokens.refresh_token);
    expect((await shop().introspect(tokens.refresh_token)).body).toEqual({ active: false });
  });

  it('is no access token, at userinfo or anywhere', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    expect((await shop().userinfo(tokens.refresh_token)).status).toBe(401);
    expect((await shop().userinfo(tokens.id_token)).status).toBe(401);
    expect((await world.raw('gateway').introspect(tokens.id_token)).body).toEqual({ active: false });
  });
});

describe('race 6: a response that was lost', () => {
  it('is repeated to a confidential client an hour later: the same successor', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, SCOPE);
    const lost = await shop().refresh(tokens.refresh_token);
    await world.advance(3_600_000);
    const again = await shop().refresh(tokens.refresh_token);
    expect(again).toMatchObject({ status: 200, body: { refresh_token: lost.body.refresh_token } });
    expect(again.body.access_token).not.toBe(lost.body.access_token);
  });

  it('is repeated no more once the successor was used: a replay, which kills the family and leaves the session', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.shop, SCOPE);
    const second = await shop().refresh(tokens.refresh_token);
    const third = await shop().refresh(String(second.body.refresh_token));
    expect(await shop().refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT);
    expect(await shop().refresh(String(third.body.refresh_token))).toMatchObject(INVALID_GRANT);
    for (const { body } of [second, third]) expect(await world.isActive(String(body.access_token))).toBe(false);
    expect((await world.signInAt(agent, world.shop, SCOPE, { more: { prompt: 'none' } })).error).toBeNull();
    const audited = await world.stand.database.query("SELECT 1 FROM token.audit WHERE action LIKE '%replay%'");
    expect(audited.length).toBeGreaterThan(0);
  });

  it.each([
    ['a second before the grace is over: the same successor', 29_000, 200],
    ['a second after it: a replay, which kills the family', 31_000, 400],
  ])('by a public client, %s', async (_when, afterMs, status) => {
    const tokens = await world.tokensFor(new UserAgent(), world.clients['photo-viewer'], SCOPE);
    const lost = await viewer().refresh(tokens.refresh_token);
    await world.advance(afterMs);
    const again = await viewer().refresh(tokens.refresh_token);
    expect(again.status).toBe(status);
    if (status === 200) expect(again.body.refresh_token).toBe(lost.body.refresh_token);
    else expect(await viewer().refresh(String(lost.body.refresh_token))).toMatchObject(INVALID_GRANT);
  });
});

describe('with refresh_grace 0', () => {
  it('any second use is a replay, of a confidential client too', async () => {
    const strict = await startWorld({ settings: { refresh_grace: 0 } });
    try {
      const tokens = await strict.tokensFor(new UserAgent(), strict.shop, SCOPE);
      const second = await strict.raw('photo-shop').refresh(tokens.refresh_token);
      expect(second.status).toBe(200);
      expect(await strict.raw('photo-shop').refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT);
      expect(await strict.raw('photo-shop').refresh(String(second.body.refresh_token))).toMatchObject(INVALID_GRANT);
    } finally {
      await strict.close();
    }
  }, 180_000);
});
