import { generateSigningKey } from '#libs/keys';
import { STORY } from '#libs/testing';
import { AuthUnderTest } from './auth-under-test.js';
import type { Visitor } from './visitor.js';

const OWN = { client_id: 'own', redirect_uri: 'https://app.example/callback', response_type: 'code', scope: 'openid', state: 's' };
const GOODBYE = 'http://localhost:4090/goodbye';

describe('logout', () => {
  let auth: AuthUnderTest;
  let jane: Visitor;
  let sid: string;
  let sub: string;

  beforeAll(async () => {
    auth = await AuthUnderTest.start();
  });
  afterAll(() => auth?.stop());
  beforeEach(async () => {
    auth.others.forget();
    await auth.world.database.query('DELETE FROM ephemeral.counter');
    jane = auth.visitor();
    await jane.submit(await jane.open(`/authorize?${new URLSearchParams(OWN).toString()}`), { ...STORY.jane });
    const code = auth.others.codes.at(-1);
    [sid, sub] = [code?.sid ?? '', code?.sub ?? ''];
  });

  const hint = (claims: Record<string, unknown> = {}, typ?: string) =>
    auth.others.idToken({ iss: auth.world.issuer, aud: 'photo-shop', sub, sid, ...claims }, typ);
  const logout = (parameters: Record<string, string> = {}) => `/logout?${new URLSearchParams(parameters).toString()}`;

  it('with a hint of this session ends it without a question, then returns with state', async () => {
    const answer = await jane.get(logout({ id_token_hint: hint(), post_logout_redirect_uri: GOODBYE, state: 'a&b' }));
    expect([answer.status, answer.location]).toEqual([303, `${GOODBYE}?state=a%26b`]);
    expect(auth.others.ended).toEqual([sid]);
    expect(auth.others.causes).toEqual([{ reason: 'rp_logout', initiated_by: 'user', actor: sub }]);
    expect(jane.cookie('session')).toBeUndefined();
  });

  it('twice is no error: the second time there is nothing to end, and the way back is the same', async () => {
    const address = logout({ id_token_hint: hint(), post_logout_redirect_uri: GOODBYE });
    await jane.get(address);
    expect((await jane.get(address)).location).toBe(GOODBYE);
    expect((await jane.get('/logout')).title).toBe('You are signed out');
    expect(auth.others.ended).toEqual([sid]);
  });

  it('a hint of the same person without sid is good too; of another session or person it is asked about', async () => {
    expect((await jane.get(logout({ id_token_hint: hint({ sid: 'other' }) }))).title).toBe('Sign out');
    expect((await jane.get(logout({ id_token_hint: hint({ sid: undefined, sub: 'sub-other' }) }))).title).toBe('Sign out');
    expect(auth.others.ended).toEqual([]);
    await jane.get(logout({ id_token_hint: hint({ sid: undefined }) }));
    expect(auth.others.ended).toEqual([sid]);
  });

  it.each([{}, { client_id: 'photo-shop' }, { client_id: 'photo-shop', post_logout_redirect_uri: GOODBYE }, { state: 'only' }] as Record<
    string,
    string
  >[])('without a hint (%j) the person is asked, and a GET changes nothing', async (parameters) => {
    const page = await jane.get(logout(parameters));
    expect([page.status, page.title]).toEqual([200, 'Sign out']);
    expect(page.text).toContain('<strong>jane</strong>');
    expect(auth.others.ended).toEqual([]);
    const done = await jane.submit(page, { answer: 'yes' });
    expect(auth.others.ended).toEqual([sid]);
    expect(parameters.post_logout_redirect_uri ? done.location : done.title).toBe(
      parameters.post_logout_redirect_uri ?? 'You are signed out',
    );
  });

  it('HEAD only looks: nobody is signed out by it, at either address', async () => {
    const posted = await jane.post('/logout', { id_token_hint: hint() }, { cookie: '' });
    for (const address of [logout({ id_token_hint: hint() }), posted.location ?? '']) {
      const answer = await jane.head(address);
      expect([answer.status, answer.header('allow')]).toEqual([405, 'GET, POST']);
    }
    expect(auth.others.ended).toEqual([]);
    expect(jane.cookie('session')).toBeDefined();
  });

  it('the person may stay', async () => {
    const done = await jane.submit(await jane.get('/logout'), { answer: 'no' });
    expect(done.title).toBe('You are still signed in');
    expect(auth.others.ended).toEqual([]);
    expect(jane.cookie('session')).toBeDefined();
  });

  it('by POST from a client’s page, without cookies, the browser is recognised when it comes back', async () => {
    const fields = { id_token_hint: hint(), post_logout_redirect_uri: GOODBYE };
    const posted = await jane.post('/logout', fields, { cookie: '', 'sec-fetch-site': 'cross-site' });
    expect(posted.status).toBe(303);
    expect(auth.others.ended).toEqual([]);
    expect((await jane.get(posted.location ?? '')).location).toBe(GOODBYE);
    expect(auth.others.ended).toEqual([sid]);
    const [row] = await auth.world.database.query<{ n: string }>(
      "SELECT count(*) AS n FROM ephemeral.object WHERE value::text LIKE '%' || $1 || '%'",
      [fields.id_token_hint.slice(-40)],
    );
    expect(Number(row?.n)).toBe(0);
  });

  it('a browser without the cookie, whose session lives on, is asked before that session ends, and told no name', async () => {
    const lost = auth.visitor();
    const page = await lost.get(logout({ id_token_hint: hint(), post_logout_redirect_uri: GOODBYE }));
    expect(page.title).toBe('Sign out');
    expect(page.text).not.toContain('jane');
    expect((await lost.submit(page, { answer: 'yes' })).location).toBe(GOODBYE);
    expect(auth.others.ended).toEqual([sid]);
    expect(auth.others.causes).toEqual([{ reason: 'rp_logout', initiated_by: 'user', actor: sub }]);
  });

  describe('what is wrong is a page: nobody is redirected, nothing is ended', () => {
    const cases: [string, () => Record<string, string> | Promise<Record<string, string>>][] = [
      ['a hint that is no token', () => ({ id_token_hint: 'abc' })],
      ['a modified hint', () => ({ id_token_hint: `${hint().slice(0, -8)}AAAAAAAA`, post_logout_redirect_uri: GOODBYE })],
      [
        'a hint by another key',
        async () => ({
          id_token_hint: auth.others.idToken(
            { iss: auth.world.issuer, aud: 'photo-shop', sub, sid },
            'JWT',
            await generateSigningKey('ES256'),
          ),
        }),
      ],
      ['a hint of another issuer', () => ({ id_token_hint: hint({ iss: 'https://other.example' }) })],
      ['a logout token as a hint', () => ({ id_token_hint: hint({}, 'logout+jwt') })],
      ['an access token as a hint', () => ({ id_token_hint: hint({}, 'at+jwt') })],
      ['a hint for several audiences without azp', () => ({ id_token_hint: hint({ aud: ['photo-shop', 'photo-book'] }) })],
      ['a client_id that is not the hint’s', () => ({ id_token_hint: hint(), client_id: 'photo-book' })],
      ['an unknown client_id', () => ({ client_id: 'nobody' })],
      ['an address that is not registered', () => ({ id_token_hint: hint(), post_logout_redirect_uri: `${GOODBYE}/x` })],
      ['an address with an added query', () => ({ id_token_hint: hint(), post_logout_redirect_uri: `${GOODBYE}?x=1` })],
      ['an address without client or hint', () => ({ post_logout_redirect_uri: GOODBYE })],
      ['another client’s address', () => ({ id_token_hint: hint({ aud: 'photo-book' }), post_logout_redirect_uri: GOODBYE })],
      ['an endless state', () => ({ id_token_hint: hint(), state: 's'.repeat(3000) })],
    ];
    it.each(cases)('%s', async (_name, parameters) => {
      const fields = await parameters();
      for (const answer of [await jane.get(logout(fields)), await jane.post('/logout', fields)]) {
        expect([answer.status, answer.location]).toEqual([400, null]);
        expect(answer.header('content-type')).toContain('text/html');
      }
      expect(auth.others.ended).toEqual([]);
      expect(jane.cookie('session')).toBeDefined();
    });

    it('a duplicated parameter', async () => {
      expect((await jane.get(`/logout?state=1&state=2&id_token_hint=${hint()}`)).status).toBe(400);
      expect(auth.others.ended).toEqual([]);
    });
  });

  it('the form counts only from this browser’s own page', async () => {
    const page = await jane.get('/logout');
    const action = /action="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    expect((await jane.post(action, { answer: 'yes' })).status).toBe(403);
    expect((await jane.post(action, { answer: 'yes', csrf }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await auth.visitor().post(action, { answer: 'yes', csrf })).status).toBe(403);
    expect(auth.others.ended).toEqual([]);
  });

  it('a browser that only looks ahead signs nobody out', async () => {
    expect((await jane.get(logout({ id_token_hint: hint() }), { 'sec-purpose': 'prefetch;prerender' })).status).toBe(503);
    expect(auth.others.ended).toEqual([]);
  });

  it('a session that can not be ended is a 503 page with a way to try again, never "signed out"', async () => {
    const address = logout({ id_token_hint: hint(), post_logout_redirect_uri: GOODBYE });
    await jane.get(logout({ id_token_hint: hint({ sid: 'other' }) }));
    auth.others.down = true;
    const page = await jane.get(address);
    expect([page.status, page.title, page.location]).toEqual([503, 'You are not signed out yet', null]);
    expect(page.header('retry-after')).not.toBeNull();
    expect(page.text).not.toContain('You are signed out');
    expect(jane.cookie('session')).toBeDefined();
    expect((await jane.submit(page, { answer: 'yes' })).status).toBe(503);
    auth.others.down = false;
    expect((await jane.submit(page, { answer: 'yes' })).location).toBe(GOODBYE);
    expect(auth.others.ended).toEqual([sid]);
  });
});
