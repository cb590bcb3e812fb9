import { STORY } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** Rule: what `online_access`, `offline_access`, neither, both, and `application_type: browser` mean. */
let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 360_000);
afterAll(() => world?.close());

const viewer = () => world.clients['photo-viewer'];

describe('the two refresh scopes', () => {
  it('asked together: invalid_scope by redirect, with a description that names both', async () => {
    const { page, error } = await world.signInAt(new UserAgent(), world.backup, 'openid online_access offline_access');
    expect(error).toBe('invalid_scope');
    expect(page.url.searchParams.get('error_description')).toMatch(/online_access.*offline_access|offline_access.*online_access/);
    expect(page.url.searchParams.get('iss')).toBe(world.issuer);
  });

  it('neither asked: online by default; the refresh token dies with the session', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.shop, 'openid photos:read');
    expect(tokens.refresh_token).toMatch(/^lanyard_rt_/);
    const { body } = await world.raw('gateway').introspect(tokens.access_token);
    expect(body.sid).toEqual(expect.any(String));
  });

  it('offline_access without a page that warned: dropped, the default applies, and `scope` says so', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.backup, 'openid photos:read offline_access', {
      untick: ['offline_access'],
      more: { prompt: 'consent' },
    });
    expect(tokens.scope.split(' ')).not.toContain('offline_access');
    expect((await world.raw('gateway').introspect(tokens.access_token)).body.sid).toEqual(expect.any(String));
  });

  it('offline_access agreed to on the page that warned: outlives the session, and its access token carries no sid', async () => {
    const agent = new UserAgent();
    const started = await world.backup.begin('openid photos:read offline_access', { prompt: 'consent' });
    const login = await agent.open(started.url, world.backup.isMine);
    const [form] = agent.forms(login);
    if (!form) throw new Error('no login page');
    const consent = await agent.submit(login, form, { ...STORY.jane }, world.backup.isMine);
    expect(consent.body).toMatch(/also after you have signed out/);
    const tokens = await world.tokensFor(agent, world.backup, 'openid photos:read offline_access', { more: { prompt: 'consent' } });
    expect(tokens.scope).toContain('offline_access');
    expect((await world.raw('gateway').introspect(tokens.access_token)).body).not.toHaveProperty('sid');
  });
});

describe('application_type: browser', () => {
  it('with online_access and PKCE gets tokens that live a minute', async () => {
    const tokens = await world.tokensFor(new UserAgent(), viewer(), 'openid photos:read online_access');
    expect(tokens.expires_in).toBeLessThanOrEqual(60);
    expect(tokens.refresh_token).toMatch(/^lanyard_rt_/);
  });

  it.each([
    ['without online_access', 'openid photos:read'],
    ['with offline_access', 'openid photos:read offline_access'],
  ])('%s is refused by redirect with invalid_scope and a description that says so, with prompt=none too', async (_which, scope) => {
    const asking: Record<string, string>[] = [{}, { prompt: 'none' }];
    for (const more of asking) {
      const { page, error } = await world.signInAt(new UserAgent(), viewer(), scope, { more });
      expect(error).toBe('invalid_scope');
      expect(page.url.searchParams.get('error_description')).toContain('online_access');
    }
  });

  it('without PKCE is refused by redirect', async () => {
    const started = await viewer().begin('openid online_access');
    for (const name of ['code_challenge', 'code_challenge_method']) started.url.searchParams.delete(name);
    const page = await new UserAgent().open(started.url, viewer().isMine);
    expect(page.url.searchParams.get('error')).toBe('invalid_request');
    expect(page.url.searchParams.get('error_description')).toMatch(/PKCE|code_challenge/);
  });

  it('may call token, userinfo and revocation from its own origin’s script, and no other origin may', async () => {
    for (const url of [
      world.endpoints.token,
      world.endpoints.userinfo,
      world.endpoints.revoke,
      `${world.issuer}/.well-known/openid-configuration`,
      world.metadata.jwks_uri,
    ]) {
      const own = await fetch(url, { method: 'OPTIONS', headers: { origin: viewer().origin, 'access-control-request-method': 'POST' } });
      expect([url, own.headers.get('access-control-allow-origin')]).toEqual([url, viewer().origin]);
      const other = await fetch(url, {
        method: 'OPTIONS',
        headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' },
      });
      expect([url, other.headers.get('access-control-allow-origin')]).toEqual([url, null]);
    }
    const authorize = await fetch(world.metadata.authorization_endpoint, { headers: { origin: viewer().origin } });
    expect(authorize.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('scopes', () => {
  it('the user may untick an optional one, and `scope` says what was granted', async () => {
    const tokens = await world.tokensFor(new UserAgent(), world.shop, 'openid profile photos:read photos:write online_access', {
      untick: ['photos:write'],
      more: { prompt: 'consent' },
    });
    expect(tokens.scope.split(' ')).toContain('photos:read');
    expect(tokens.scope.split(' ')).not.toContain('photos:write');
    expect((await world.raw('gateway').introspect(tokens.access_token)).body.scope).toBe(tokens.scope);
  });

  it('narrow on a refresh and never widen; narrowing once does not narrow the refresh token', async () => {
    const shop = world.raw('photo-shop');
    const tokens = await world.tokensFor(new UserAgent(), world.shop, 'openid profile photos:read online_access', {
      more: { prompt: 'consent' },
    });
    const narrow = await shop.refresh(tokens.refresh_token, { scope: 'openid photos:read' });
    expect(narrow).toMatchObject({ status: 200 });
    expect((await world.raw('gateway').introspect(String(narrow.body.access_token))).body.scope).not.toContain('profile');
    expect(await shop.refresh(String(narrow.body.refresh_token), { scope: 'openid photos:read photos:write' })).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    });
    const whole = await shop.refresh(String(narrow.body.refresh_token));
    expect((await world.raw('gateway').introspect(String(whole.body.access_token))).body.scope).toContain('profile');
  });
});
