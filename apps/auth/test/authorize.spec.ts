import { AuthUnderTest } from './auth-under-test.js';

const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM';
const SHOP = {
  client_id: 'photo-shop',
  redirect_uri: 'http://localhost:4090/callback',
  response_type: 'code',
  scope: 'openid photos:read online_access',
  state: 'a state & more',
};
const VIEWER = {
  client_id: 'photo-viewer',
  redirect_uri: 'http://localhost:4093/',
  response_type: 'code',
  scope: 'openid online_access',
  state: 's',
  code_challenge: CHALLENGE,
  code_challenge_method: 'S256',
};

describe('the authorization endpoint', () => {
  let auth: AuthUnderTest;

  beforeAll(async () => {
    auth = await AuthUnderTest.start();
  });
  afterAll(() => auth?.stop());
  beforeEach(() => auth.others.forget());

  const url = (parameters: Record<string, string | undefined>) =>
    `/authorize?${new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)).toString()}`;

  /** Asks, and insists that a refusal wrote nothing and set no cookie. */
  const refused = async (path: string, method: 'GET' | 'POST' = 'GET') => {
    const before = await auth.written();
    const visitor = auth.visitor();
    const [address = '', query = ''] = path.split('?');
    const answer = method === 'GET' ? await visitor.get(path) : await visitor.post(address, [...new URLSearchParams(query)]);
    expect(await auth.written()).toBe(before);
    expect(visitor.setCookies).toEqual([]);
    expect(answer.status).toBeLessThan(500);
    return answer;
  };

  describe('before client and redirect URI are known to belong together: a page, never a redirect', () => {
    const cases: [string, Record<string, string | undefined>][] = [
      ['no client_id', { ...SHOP, client_id: undefined }],
      ['an unknown client', { ...SHOP, client_id: 'nobody' }],
      ['a client_id with NUL-like escapes', { ...SHOP, client_id: 'photo-shop%00' }],
      ['an endless client_id', { ...SHOP, client_id: 'x'.repeat(2000) }],
      ['no redirect_uri with openid', { ...SHOP, redirect_uri: undefined }],
      ['no redirect_uri where two are registered', { client_id: 'two', response_type: 'code', scope: 'photos:read' }],
      ['another host', { ...SHOP, redirect_uri: 'http://localhost:4090.evil.example/callback' }],
      ['another port for a web client', { ...SHOP, redirect_uri: 'http://localhost:4999/callback' }],
      ['a longer path', { ...SHOP, redirect_uri: 'http://localhost:4090/callback/more' }],
      ['a shorter path', { ...SHOP, redirect_uri: 'http://localhost:4090/' }],
      ['path traversal', { ...SHOP, redirect_uri: 'http://localhost:4090/callback/../evil' }],
      ['..;/', { ...SHOP, redirect_uri: 'http://localhost:4090/callback/..;/evil' }],
      ['userinfo', { ...SHOP, redirect_uri: 'http://localhost:4090@evil.example/callback' }],
      ['a fragment', { ...SHOP, redirect_uri: 'http://localhost:4090/callback#x' }],
      ['an added query', { ...SHOP, redirect_uri: 'http://localhost:4090/callback?code=mine' }],
      ['another case', { ...SHOP, redirect_uri: 'http://LOCALHOST:4090/callback' }],
      ['double encoding', { ...SHOP, redirect_uri: 'http://localhost:4090/%63allback' }],
      ['a trailing dot or space', { ...SHOP, redirect_uri: 'http://localhost:4090/callback ' }],
      ['javascript:', { ...SHOP, redirect_uri: 'javascript:alert(1)' }],
      ['a client without redirect URIs', { ...SHOP, client_id: 'print-press' }],
      [
        'native: another loopback host',
        { client_id: 'cli', response_type: 'code', scope: 'openid', redirect_uri: 'http://127.0.0.2:9999/cb' },
      ],
      [
        'native: another path at a free port',
        { client_id: 'cli', response_type: 'code', scope: 'openid', redirect_uri: 'http://127.0.0.1:9999/cb2' },
      ],
      [
        'native: a port that is none',
        { client_id: 'cli', response_type: 'code', scope: 'openid', redirect_uri: 'http://127.0.0.1:99999/cb' },
      ],
      [
        'native: userinfo before the port',
        { client_id: 'cli', response_type: 'code', scope: 'openid', redirect_uri: 'http://127.0.0.1:1@evil.example/cb' },
      ],
    ];
    it.each(cases)('%s', async (_name, parameters) => {
      const answer = await refused(url(parameters));
      expect([answer.status, answer.location]).toEqual([400, null]);
      expect(answer.header('content-type')).toContain('text/html');
      expect(answer.text).toContain('<h1>');
    });

    it.each(['client_id', 'redirect_uri'])('%s twice', async (name) => {
      const answer = await refused(`${url(SHOP)}&${name}=${encodeURIComponent(SHOP[name as 'client_id'])}`);
      expect([answer.status, answer.location]).toEqual([400, null]);
    });

    it.each(['?client_id=%', '?client_id=%ff', '?%00=1', '?client_id=a%00'])('bytes that are no parameters: %s', async (query) => {
      const answer = await refused(`/authorize${query}`);
      expect([answer.status, answer.location]).toEqual([400, null]);
    });

    it('a disabled client', async () => {
      await auth.world.database.query("UPDATE auth.client SET disabled = true WHERE client_id = 'switched-off'");
      const answer = await refused(url({ ...VIEWER, client_id: 'switched-off', redirect_uri: 'https://app.example/callback' }));
      expect([answer.status, answer.location]).toEqual([400, null]);
    });

    it('what was sent is not in the page as markup', async () => {
      const answer = await refused(url({ ...SHOP, client_id: '"><script>alert(1)</script>' }));
      expect(answer.text).not.toContain('<script');
      expect(answer.header('content-security-policy')).toMatch(
        /^default-src 'none'; style-src 'sha256-[^']+'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'$/,
      );
    });
  });

  describe('afterwards: the error goes to the client, with iss and state', () => {
    const app = (client_id: string, more: Record<string, string | undefined> = {}) => ({
      client_id,
      redirect_uri: 'https://app.example/callback',
      response_type: 'code',
      scope: 'openid',
      state: 's',
      ...more,
    });
    const cases: [string, Record<string, string | undefined>, string][] = [
      ['response_type missing', { ...SHOP, response_type: undefined }, 'invalid_request'],
      ['response_type=token', { ...SHOP, response_type: 'token' }, 'unsupported_response_type'],
      ['response_type=code id_token', { ...SHOP, response_type: 'code id_token' }, 'unsupported_response_type'],
      ['response_mode=fragment', { ...SHOP, response_mode: 'fragment' }, 'invalid_request'],
      ['no scope', { ...SHOP, scope: undefined }, 'invalid_scope'],
      ['an unknown scope', { ...SHOP, scope: 'openid photos:delete' }, 'invalid_scope'],
      ['a scope of another client', { ...SHOP, scope: 'openid offline_access' }, 'invalid_scope'],
      ['a scope with a character no scope has', { ...SHOP, scope: 'openid "' }, 'invalid_scope'],
      ['a hundred and one scopes', { ...SHOP, scope: Array.from({ length: 101 }, (_, i) => `s${i}`).join(' ') }, 'invalid_scope'],
      ['online_access and offline_access together', app('own', { scope: 'openid online_access offline_access' }), 'invalid_scope'],
      ['a browser client without online_access', { ...VIEWER, scope: 'openid' }, 'invalid_scope'],
      ['the same with prompt=none', { ...VIEWER, scope: 'openid', prompt: 'none' }, 'invalid_scope'],
      ['a browser client without PKCE', { ...VIEWER, code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
      ['a public client without PKCE', app('public-web'), 'invalid_request'],
      [
        'a native client without PKCE',
        { client_id: 'cli', response_type: 'code', scope: 'openid', state: 's', redirect_uri: 'http://127.0.0.1:51234/cb' },
        'invalid_request',
      ],
      ['PKCE plain', { ...SHOP, code_challenge: CHALLENGE, code_challenge_method: 'plain' }, 'invalid_request'],
      ['PKCE without a method, which means plain', { ...SHOP, code_challenge: CHALLENGE }, 'invalid_request'],
      ['a PKCE method without a challenge', { ...SHOP, code_challenge_method: 'S256' }, 'invalid_request'],
      ['a challenge too short', { ...SHOP, code_challenge: CHALLENGE.slice(1), code_challenge_method: 'S256' }, 'invalid_request'],
      ['a challenge with padding', { ...SHOP, code_challenge: `${CHALLENGE}=`, code_challenge_method: 'S256' }, 'invalid_request'],
      ['prompt=none login', { ...SHOP, prompt: 'none login' }, 'invalid_request'],
      ['an unknown prompt', { ...SHOP, prompt: 'hello' }, 'invalid_request'],
      ['prompt=create', { ...SHOP, prompt: 'create' }, 'invalid_request'],
      ['max_age negative', { ...SHOP, max_age: '-1' }, 'invalid_request'],
      ['max_age no number', { ...SHOP, max_age: '1e3' }, 'invalid_request'],
      ['an endless nonce', { ...SHOP, nonce: 'n'.repeat(1025) }, 'invalid_request'],
      ['an unknown resource', { ...SHOP, resource: 'https://other.example/api' }, 'invalid_target'],
      ['a resource with a fragment', { ...SHOP, resource: 'https://photos.example/api#x' }, 'invalid_target'],
      ['a request object', { ...SHOP, request: 'e30.e30.' }, 'request_not_supported'],
      ['a request_uri', { ...SHOP, request_uri: 'urn:ietf:params:oauth:request_uri:x' }, 'request_uri_not_supported'],
      ['registration', { ...SHOP, registration: '{}' }, 'registration_not_supported'],
      ['authorization_details', { ...SHOP, authorization_details: '[]' }, 'invalid_authorization_details'],
      ['dpop_jkt', { ...SHOP, dpop_jkt: 'x' }, 'invalid_request'],
      ['a client that must push its requests', app('par'), 'invalid_request'],
      ['a client that must sign its requests', app('jar'), 'request_not_supported'],
      ['an id_token_hint that is none', { ...SHOP, id_token_hint: 'abc' }, 'invalid_request'],
      ['prompt=none without a session', { ...SHOP, prompt: 'none' }, 'login_required'],
    ];

    it.each(cases)('%s', async (_name, parameters, error) => {
      const answer = await refused(url(parameters));
      expect(answer.status).toBe(303);
      expect(answer.location?.startsWith(`${parameters.redirect_uri}?`)).toBe(true);
      expect(Object.fromEntries(answer.params)).toEqual({
        error,
        error_description: expect.any(String),
        state: parameters.state,
        iss: auth.world.issuer,
      });
    });

    it.each(cases.slice(0, -1))('the same by POST: %s', async (_name, parameters, error) => {
      const answer = await refused(url(parameters), 'POST');
      expect([answer.status, answer.params.get('error')]).toEqual([303, error]);
    });

    it('names the scope that the client may not ask for', async () => {
      expect((await refused(url({ ...SHOP, scope: 'openid photos:delete' }))).params.get('error_description')).toBe(
        "The scope 'photos:delete' is unknown, or this client is not registered for it.",
      );
    });

    it('names both scopes that exclude each other, also to a client that is registered for one of them, and what a browser client must ask for', async () => {
      expect((await refused(url(app('own', { scope: 'online_access offline_access' })))).params.get('error_description')).toBe(
        'online_access and offline_access can not be asked for together.',
      );
      expect((await refused(url({ ...SHOP, scope: 'openid online_access offline_access' }))).params.get('error_description')).toBe(
        'online_access and offline_access can not be asked for together.',
      );
      expect((await refused(url({ ...VIEWER, scope: 'openid' }))).params.get('error_description')).toContain('must ask for online_access');
    });

    it.each(['scope', 'prompt', 'nonce', 'response_type'])('%s twice', async (name) => {
      const answer = await refused(`${url({ ...SHOP, prompt: 'login', nonce: 'n' })}&${name}=x`);
      expect([answer.params.get('error'), answer.params.get('state')]).toEqual(['invalid_request', SHOP.state]);
    });

    it('state twice: nobody knows which to echo', async () => {
      const answer = await refused(`${url(SHOP)}&state=other`);
      expect([answer.params.get('error'), answer.params.has('state')]).toEqual(['invalid_request', false]);
    });

    it('a hint for another client, of another type, or signed by another key', async () => {
      const { others } = auth;
      const claims = { iss: auth.world.issuer, sub: 'sub-jane', aud: 'photo-shop' };
      const foreign = await import('#libs/keys').then((keys) => keys.generateSigningKey('ES256'));
      const hints = [
        others.idToken({ ...claims, aud: 'photo-book' }),
        others.idToken(claims, 'logout+jwt'),
        others.idToken(claims, 'at+jwt'),
        others.idToken({ ...claims, iss: 'https://other.example' }),
        others.idToken(claims, 'JWT', foreign),
        `${others.idToken(claims).slice(0, -6)}AAAAAA`,
      ];
      for (const hint of hints) expect((await refused(url({ ...SHOP, id_token_hint: hint }))).params.get('error')).toBe('invalid_request');
    });

    it('keeps the registered query of the redirect URI', async () => {
      const answer = await refused(
        url({ client_id: 'plain', redirect_uri: 'https://plain.example/cb?keep=1', response_type: 'code', scope: 'nope', state: 's' }),
      );
      expect(answer.location?.startsWith('https://plain.example/cb?keep=1&error=invalid_scope&')).toBe(true);
    });

    it('a silent request gets its answer by redirect when a service is away; a person gets a page that says so', async () => {
      auth.others.down = true;
      const visitor = auth.visitor();
      const hint = auth.others.idToken({ iss: auth.world.issuer, sub: 'x', aud: 'photo-shop' });
      await visitor.get(url({ ...SHOP, id_token_hint: hint }));
      const page = await visitor.get(url(SHOP), { cookie: await anyCookie() });
      expect([page.status, page.header('retry-after'), page.title]).toEqual([503, '1', 'Not available at the moment']);
      const silent = await visitor.get(url({ ...SHOP, prompt: 'none' }), { cookie: await anyCookie() });
      expect([silent.status, silent.params.get('error')]).toEqual([303, 'temporarily_unavailable']);
    });

    const anyCookie = async () => {
      const { Cookies } = await import('../src/cookies/cookies.js');
      const name = Object.values((new Cookies(auth.world.issuer) as unknown as { names: Record<string, string> }).names)[0];
      return `${name}=lanyard_sc_${'a'.repeat(43)}`;
    };
  });

  it('has no CORS, and no other method', async () => {
    const visitor = auth.visitor();
    expect((await visitor.get(url(SHOP), { origin: 'http://localhost:4093' })).header('access-control-allow-origin')).toBeNull();
    const response = await fetch(`${auth.world.issuer}/authorize`, { method: 'PUT' });
    expect(response.status).toBe(405);
  });

  it('a native client may choose the port of its loopback address, and its own scheme', async () => {
    for (const redirect_uri of ['http://127.0.0.1:51234/cb', 'http://127.0.0.1/cb', 'com.example.cli:/cb']) {
      const answer = await auth.visitor().get(url({ ...VIEWER, client_id: 'cli', redirect_uri, scope: 'openid' }));
      expect(answer.location).toMatch(/\/interaction\/lanyard_ih_/);
    }
  });
});
