import { STORY } from '#libs/testing';
import { AuthUnderTest } from './auth-under-test.js';
import type { Answer, Visitor } from './visitor.js';

const SHOP = {
  client_id: 'photo-shop',
  redirect_uri: 'http://localhost:4090/callback',
  response_type: 'code',
  scope: 'openid profile photos:read online_access',
  state: 's',
};
const BACKUP = { client_id: 'photo-backup', redirect_uri: 'http://localhost:4092/callback', response_type: 'code', state: 's' };
const OWN = { client_id: 'own', redirect_uri: 'https://app.example/callback', response_type: 'code', state: 's' };
const at = (parameters: Record<string, string>) => `/authorize?${new URLSearchParams(parameters).toString()}`;

describe('sign-in and consent', () => {
  let auth: AuthUnderTest;

  beforeAll(async () => {
    auth = await AuthUnderTest.start();
  });
  afterAll(() => auth?.stop());
  beforeEach(async () => {
    auth.others.forget();
    await auth.world.database.query('DELETE FROM ephemeral.counter');
    await auth.world.database.query('DELETE FROM auth.consent');
  });

  const signIn = async (
    visitor: Visitor,
    parameters: Record<string, string> = SHOP,
    who: { username: string; password: string } = STORY.jane,
  ) => visitor.submit(await visitor.open(at(parameters)), { username: who.username, password: who.password });
  const allow = (visitor: Visitor, page: Answer, ticked?: readonly string[]) =>
    visitor.submit(page, { answer: 'allow' }, ticked ? { ticked } : {});
  const lastCode = () => auth.others.codes.at(-1);

  it('a person signs in, agrees, and returns with a code, state and iss', async () => {
    const jane = auth.visitor();
    const login = await jane.open(at(SHOP));
    expect([login.status, login.title]).toEqual([200, 'Sign in']);
    expect(login.text).toContain('photo shop');
    const consent = await jane.submit(login, { ...STORY.jane });
    expect(consent.text).toContain('See your photos');
    expect(consent.text).toContain('<strong>jane</strong>');
    const done = await allow(jane, consent);
    expect([done.status, Object.fromEntries(done.params)]).toEqual([303, { code: 'lanyard_ac_1', state: 's', iss: auth.world.issuer }]);
    expect(lastCode()).toMatchObject({
      client_id: 'photo-shop',
      redirect_uri_sent: true,
      sub: expect.any(String),
      scope: ['openid', 'profile', 'photos:read', 'online_access'],
      scope_narrowed: false,
      access_mode: 'online',
      consent_id: expect.any(String),
      amr: ['pwd'],
      auth_time_requested: false,
    });
  });

  it('the second client of the browser needs no login, the same client asks nothing at all', async () => {
    const jane = auth.visitor();
    await allow(jane, await signIn(jane));
    const again = await jane.get(at(SHOP));
    expect(again.params.get('code')).toBe('lanyard_ac_2');
    const second = await jane.open(at({ ...SHOP, client_id: 'photo-book', redirect_uri: 'http://localhost:4091/callback' }));
    expect(second.title).toBe('photo book asks for your permission');
    expect(auth.others.starts).toHaveLength(1);
  });

  it('a request by POST from a client’s page ends the same way, with the browser recognised when it comes back', async () => {
    const jane = auth.visitor();
    await allow(jane, await signIn(jane));
    const posted = await jane.post('/authorize', SHOP, { cookie: '', 'sec-fetch-site': 'cross-site' });
    expect(posted.location).toContain('/interaction/');
    expect((await jane.get(posted.location ?? '')).params.get('code')).toBe('lanyard_ac_2');
  });

  it('prompt=none answers at once: a code with session and consent, consent_required without consent, login_required without session', async () => {
    const jane = auth.visitor();
    await allow(jane, await signIn(jane));
    expect((await jane.get(at({ ...SHOP, prompt: 'none' }))).params.get('code')).toBe('lanyard_ac_2');
    expect((await jane.get(at({ ...BACKUP, scope: 'openid photos:read', prompt: 'none' }))).params.get('error')).toBe('consent_required');
    expect((await auth.visitor().get(at({ ...SHOP, prompt: 'none' }))).params.get('error')).toBe('login_required');
  });

  it('denying, and cancelling at the login, go back with access_denied', async () => {
    const jane = auth.visitor();
    const denied = await jane.submit(await signIn(jane), { answer: 'deny' });
    expect([denied.params.get('error'), denied.params.get('state')]).toEqual(['access_denied', 's']);
    expect(await auth.world.database.query("SELECT target FROM auth.audit WHERE action = 'consent.denied'")).toEqual([
      { target: 'photo-shop' },
    ]);
    const john = auth.visitor();
    const page = await john.open(at(SHOP));
    const cancelled = await john.submit(page, {}, { action: /formaction="([^"]+)"/.exec(page.text)?.[1] ?? '' });
    expect(cancelled.params.get('error')).toBe('access_denied');
    expect(auth.others.codes).toEqual([]);
  });

  it('unticked scopes are not granted, the answer says so, and they are not asked for again', async () => {
    const jane = auth.visitor();
    await allow(jane, await signIn(jane), ['photos:read']);
    expect(lastCode()).toMatchObject({ scope: ['openid', 'photos:read', 'online_access'], scope_narrowed: true });
    await jane.get(at(SHOP));
    expect(auth.others.codes).toHaveLength(2);
    expect(lastCode()).toMatchObject({ scope: ['openid', 'photos:read', 'online_access'], scope_narrowed: true });
  });

  it('a scope that was not on the page can not be ticked', async () => {
    const jane = auth.visitor();
    const page = await signIn(jane);
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const answer = await jane.post(action, [
      ['csrf', csrf],
      ['answer', 'allow'],
      ['scope', 'photos:read'],
      ['scope', 'photos:write'],
      ['scope', 'offline_access'],
    ]);
    await jane.get(answer.location ?? '');
    expect(lastCode()?.scope).toEqual(['openid', 'photos:read', 'online_access']);
  });

  describe('offline_access', () => {
    const OFFLINE = { ...BACKUP, scope: 'openid photos:read offline_access' };

    it('comes with a warning and is granted when agreed to, also without prompt=consent', async () => {
      const jane = auth.visitor();
      const page = await signIn(jane, OFFLINE);
      expect(page.text).toContain('also after you have signed out');
      await allow(jane, page);
      expect(lastCode()).toMatchObject({
        access_mode: 'offline',
        scope: ['openid', 'photos:read', 'offline_access'],
        scope_narrowed: false,
      });
      await jane.get(at(OFFLINE));
      expect(lastCode()).toMatchObject({ access_mode: 'offline' });
      expect(auth.others.codes).toHaveLength(2);
    });

    it('never agreed to and no page needed: it is dropped, the default mode applies and the scope says so', async () => {
      const jane = auth.visitor();
      await allow(jane, await signIn(jane, { ...BACKUP, scope: 'openid photos:read' }));
      await jane.get(at(OFFLINE));
      expect(lastCode()).toMatchObject({ access_mode: 'online', scope: ['openid', 'photos:read'], scope_narrowed: true });
      expect((await jane.open(at({ ...OFFLINE, prompt: 'consent' }))).text).toContain('also after you have signed out');
    });

    it('unticked: online instead, and a default of offline does not bring it back', async () => {
      const jane = auth.visitor();
      await allow(jane, await signIn(jane, OFFLINE), ['photos:read']);
      expect(lastCode()).toMatchObject({ access_mode: 'online', scope: ['openid', 'photos:read'] });
      const tools = { ...OWN, client_id: 'tools', scope: 'openid photos:read' };
      const page = await jane.open(at(tools));
      expect(page.text).toContain('also after you have signed out');
      await allow(jane, page, ['photos:read']);
      expect(lastCode()).toMatchObject({ client_id: 'tools', access_mode: 'online' });
    });

    it('a first-party application skips the page, so it gets it only by prompt=consent', async () => {
      const jane = auth.visitor();
      const done = await signIn(jane, { ...OWN, scope: 'openid profile offline_access' });
      expect(done.params.get('code')).not.toBeNull();
      expect(lastCode()).toMatchObject({ access_mode: 'online', scope: ['openid', 'profile'], consent_id: null });
      const page = await jane.open(at({ ...OWN, scope: 'openid profile offline_access', prompt: 'consent' }));
      await allow(jane, page);
      expect(lastCode()).toMatchObject({ access_mode: 'offline', consent_id: expect.any(String) });
    });
  });

  it('a client without the refresh_token grant loses refresh scopes without an error', async () => {
    const jane = auth.visitor();
    await allow(
      jane,
      await signIn(jane, {
        client_id: 'plain',
        redirect_uri: 'https://plain.example/cb?keep=1',
        response_type: 'code',
        scope: 'photos:read online_access',
      }),
    );
    expect(lastCode()).toMatchObject({ access_mode: 'none', scope: ['photos:read'], scope_narrowed: true });
  });

  describe('signing in again', () => {
    it('prompt=login asks again, once, and keeps the session with a fresh cookie', async () => {
      const jane = auth.visitor();
      await allow(jane, await signIn(jane));
      const [sid, cookie] = [lastCode()?.sid, jane.cookie('session')];
      const done = await signIn(jane, { ...SHOP, prompt: 'login' });
      expect(done.params.get('code')).toBe('lanyard_ac_2');
      expect(lastCode()?.sid).toBe(sid);
      expect(jane.cookie('session')).not.toBe(cookie);
      expect((await jane.open(at({ ...SHOP, prompt: 'login' }))).title).toBe('Sign in');
    });

    it('max_age, asked for or registered, asks again when the login is older', async () => {
      const jane = auth.visitor();
      await signIn(jane, { ...OWN, client_id: 'never-old', scope: 'openid' }).then((page) => allow(jane, page));
      expect(lastCode()).toMatchObject({ auth_time_requested: true });
      auth.others.now += 61_000;
      expect((await jane.open(at({ ...OWN, client_id: 'never-old', scope: 'openid' }))).title).toBe('Sign in');
      expect((await jane.get(at({ ...OWN, scope: 'openid', max_age: '3600' }))).params.get('code')).not.toBeNull();
      expect((await jane.get(at({ ...OWN, scope: 'openid', max_age: '0', prompt: 'none' }))).params.get('error')).toBe('login_required');
      expect((await signIn(jane, { ...OWN, scope: 'openid', max_age: '0' })).params.get('code')).not.toBeNull();
    });

    it('another person’s login hands over the old cookie, so that their session ends', async () => {
      const shared = auth.visitor();
      await signIn(shared, { ...OWN, scope: 'openid' });
      const janes = shared.cookie('session');
      await signIn(shared, { ...OWN, scope: 'openid', prompt: 'select_account' }, STORY.john);
      expect(auth.others.starts.at(-1)).toMatchObject({ cookie: janes });
      expect(shared.cookie('session')).not.toBe(janes);
    });

    it('id_token_hint lets only the person it names in', async () => {
      const visitor = auth.visitor();
      await signIn(visitor, { ...OWN, scope: 'openid' });
      const jane = lastCode()?.sub ?? '';
      const hint = auth.others.idToken({ iss: auth.world.issuer, sub: jane, aud: 'own' });
      expect((await visitor.get(at({ ...OWN, scope: 'openid', id_token_hint: hint, prompt: 'none' }))).params.get('code')).not.toBeNull();
      const other = auth.visitor();
      expect((await signIn(other, { ...OWN, scope: 'openid', id_token_hint: hint }, STORY.john)).params.get('error')).toBe(
        'login_required',
      );
    });

    it('a session whose user was disabled a moment ago signs nobody in', async () => {
      const visitor = auth.visitor();
      await signIn(visitor, { ...OWN, scope: 'openid' }, STORY.john);
      await auth.world.database.query("UPDATE auth.subject SET disabled = true WHERE username = 'john'");
      expect((await visitor.open(at({ ...OWN, scope: 'openid' }))).title).toBe('Sign in');
      const right = await signIn(auth.visitor(), SHOP, STORY.john);
      const wrong = await signIn(auth.visitor(), SHOP, { ...STORY.john, password: 'wrong' });
      expect([right.status, right.text.replaceAll(/(value|action)="[^"]*"/g, '')]).toEqual([
        400,
        wrong.text.replaceAll(/(value|action)="[^"]*"/g, ''),
      ]);
      await auth.world.database.query("UPDATE auth.subject SET disabled = false WHERE username = 'john'");
    });
  });

  describe('attempts', () => {
    it('wrong, unknown and empty are one answer that keeps the name and never the password', async () => {
      for (const typed of [
        { username: 'jane', password: 'no-such-secret' },
        { username: 'nobody', password: 'no-such-secret' },
        { username: 'jane', password: '' },
      ]) {
        const page = await signIn(auth.visitor(), SHOP, typed);
        expect([page.status, page.title]).toEqual([400, 'Sign in: please check what you entered']);
        expect(page.text).toContain('The username or the password is not right.');
        expect(page.text).not.toContain('no-such-secret');
      }
      expect(auth.others.starts).toEqual([]);
    });

    it('of 40 parallel wrong passwords at most ten are hashed; then 429 with Retry-After, also for the right one, and another account goes on', async () => {
      const visitor = auth.visitor();
      const page = await visitor.open(at(SHOP));
      const answers = await Promise.all(Array.from({ length: 40 }, () => visitor.submit(page, { username: 'jane', password: 'wrong' })));
      expect(answers.filter(({ status }) => status === 400)).toHaveLength(10);
      const refused = answers.filter(({ status }) => status === 429);
      expect(refused).toHaveLength(30);
      expect(Number(refused[0]?.header('retry-after'))).toBeGreaterThan(0);
      expect((await visitor.submit(page, { ...STORY.jane })).status).toBe(429);
      expect((await visitor.submit(page, { username: ' JANE ', password: 'x' })).status).toBe(429);
      expect((await signIn(auth.visitor(), SHOP, STORY.john)).title).toContain('asks for your permission');
    });

    it('an address that fails at many accounts is stopped, and a right password there clears nothing', async () => {
      const visitor = auth.visitor();
      const page = await visitor.open(at(SHOP));
      const attempt = (username: string) => visitor.submit(page, { username, password: 'wrong' });
      for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 10 }, (_, i) => attempt(`somebody-${round}-${i}`)));
      expect((await attempt('somebody-else')).status).toBe(429);
      expect((await visitor.submit(page, { ...STORY.jane })).status).toBe(429);
    });

    it('a success forgets the account’s earlier attempts', async () => {
      const visitor = auth.visitor();
      for (let i = 0; i < 9; i++) await signIn(visitor, SHOP, { username: 'jane', password: 'wrong' });
      await signIn(visitor, SHOP);
      expect((await signIn(auth.visitor(), SHOP, { username: 'jane', password: 'wrong' })).status).toBe(400);
    });
  });

  describe('whose interaction it is', () => {
    it('the address alone opens nothing in another browser, and no post from there counts (CVE-2026-7507)', async () => {
      const jane = auth.visitor();
      const started = await jane.get(at(SHOP));
      const page = await jane.get(started.location ?? '');
      const mallory = auth.visitor();
      expect((await mallory.get(started.location ?? '')).status).toBe(400);
      await mallory.open(at(SHOP));
      expect((await mallory.get(started.location ?? '')).status).toBe(400);
      expect((await mallory.submit(page, { ...STORY.jane })).status).toBe(403);
      expect(auth.others.starts).toEqual([]);
    });

    it('a post without the token, with another interaction’s token, or from another site is refused and starts nothing', async () => {
      const jane = auth.visitor();
      const [first, second] = [await jane.open(at(SHOP)), await jane.open(at(SHOP))];
      const action = /action="([^"]+)"/.exec(first.text)?.[1] ?? '';
      const csrf = (page: Answer) => /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
      expect((await jane.post(action, STORY.jane)).status).toBe(403);
      expect((await jane.post(action, { ...STORY.jane, csrf: csrf(second) })).status).toBe(403);
      expect((await jane.post(action, { ...STORY.jane, csrf: csrf(first) }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
      expect((await jane.post(action, { ...STORY.jane, csrf: csrf(first) }, { cookie: '' })).status).toBe(403);
      expect(auth.others.starts).toEqual([]);
    });

    it('two clicks on "allow" give one code', async () => {
      const jane = auth.visitor();
      const page = await signIn(jane);
      const answers = await Promise.all([allow(jane, page), allow(jane, page), allow(jane, page)]);
      expect(answers.filter((answer) => answer.location?.includes('code='))).toHaveLength(1);
      expect(auth.others.codes).toHaveLength(1);
      expect(answers.every(({ status }) => status < 500)).toBe(true);
    });

    it('consent given by one person is not another’s, who signs in meanwhile', async () => {
      const visitor = auth.visitor();
      const page = await signIn(visitor);
      await signIn(visitor, { ...SHOP, prompt: 'login' }, STORY.john);
      const answered = await allow(visitor, page);
      expect(lastCode()?.sub ?? answered.text).not.toContain('jane');
    });

    it.each([
      ['nonsense', 'x'],
      ['too short', 'lanyard_ih_short'],
      ['made up', `lanyard_ih_${'a'.repeat(43)}`],
      ['NUL', '%00'],
      ['a path', '..%2f..'],
      ['endless', 'a'.repeat(4000)],
    ])('an address nobody was given (%s) is a page', async (_name, handle) => {
      const answer = await auth.visitor().get(`/interaction/${handle}`);
      expect([400, 404, 413]).toContain(answer.status);
      expect(answer.header('content-type')).toContain('text/html');
    });
  });

  it('a service that is away: a page that can be tried again, the interaction goes on afterwards', async () => {
    const jane = auth.visitor();
    const page = await jane.open(at(SHOP));
    auth.others.down = true;
    expect((await jane.submit(page, { ...STORY.jane })).status).toBe(503);
    expect(jane.cookie('session')).toBeUndefined();
    auth.others.down = false;
    const consent = await jane.submit(page, { ...STORY.jane });
    expect(consent.title).toContain('asks for your permission');
    auth.others.down = true;
    expect((await allow(jane, consent)).status).toBe(503);
    auth.others.down = false;
    expect((await allow(jane, consent)).params.get('code')).toBe('lanyard_ac_1');
  });

  it('cookies are HttpOnly, Lax and for the whole host; "remember me" gives the session’s cookie its time', async () => {
    const jane = auth.visitor();
    await jane.submit(await jane.open(at(SHOP)), { ...STORY.jane, remember: 'yes' });
    expect(jane.setCookies).toHaveLength(2);
    for (const line of jane.setCookies) expect(line).toMatch(/; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(jane.setCookies[1]).toContain('Max-Age=1209600');
    expect(jane.setCookies[1]).not.toContain(lastCode()?.sid ?? 'sid');
  });

  it('no page may be framed, cached or run a script, and none of its forms leaks an address', async () => {
    const jane = auth.visitor();
    const page = await jane.open(at(SHOP));
    expect(page.header('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'none'; base-uri 'none'$/,
    );
    expect([
      page.header('cache-control'),
      page.header('referrer-policy'),
      page.header('x-frame-options'),
      page.header('cross-origin-opener-policy'),
    ]).toEqual(['no-store', 'no-referrer', 'DENY', 'same-origin']);
  });

  it('a name that looks like markup is shown as text', async () => {
    const page = await auth.visitor().open(at({ ...SHOP, login_hint: '"><b onmouseover=x>' }));
    expect(page.text).not.toContain('<b ');
    expect(page.text).toContain('value="&quot;&gt;&lt;b onmouseover=x&gt;"');
  });
});
