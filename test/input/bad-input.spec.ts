import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';
import { type BadRequest, formEndpoints, malformed, unauthenticated } from './requests.js';
import { everythingWritten } from './written.js';

/**
 * Rule: bad input at every endpoint gets the RFC's error, never a 500, never a redirect to an unregistered URI, nothing written.
 */
let world: World;
beforeAll(async () => {
  world = await startWorld();
  // somebody is signed in, so that there is something to harm
  await world.tokensFor(new UserAgent(), world.shop, 'openid photos:read online_access');
}, 360_000);
afterAll(() => world?.close());

interface Outcome {
  name: string;
  status: number;
  location: string | null;
  error: string | null;
  cache: string | null;
}

async function send(url: string, { name, headers, body }: BadRequest): Promise<Outcome> {
  const response = await fetch(url, { method: 'POST', headers, body: body as BodyInit, redirect: 'manual' });
  const text = await response.text();
  const location = response.headers.get('location');
  const error = location
    ? new URL(location, url).searchParams.get('error')
    : (/"error":"([a-z_]+)"/.exec(text)?.[1] ?? /<code>([a-z_]+)<\/code>/.exec(text)?.[1] ?? null);
  return { name, status: response.status, location, error, cache: response.headers.get('cache-control') };
}

describe('the digest that these tests compare', () => {
  it('covers the four schemas and notices a sign-in', async () => {
    const before = await everythingWritten(world.stand.database);
    expect(new Set(Object.keys(before).map((table) => table.split('.')[0]))).toEqual(new Set(['auth', 'session', 'token', 'ephemeral']));
    await world.tokensFor(new UserAgent(), world.book, 'openid photos:read online_access');
    const after = await everythingWritten(world.stand.database);
    const changed = Object.keys(after).filter((table) => after[table] !== before[table]);
    expect(changed).toEqual(
      expect.arrayContaining(['auth.consent', 'session.session', 'session.participant', 'token.grants', 'token.authorization_codes']),
    );
  });
});

describe.each(['token', 'revoke', 'introspect', 'authorize', 'logout'])('%s', (endpoint) => {
  const of = () => {
    const found = formEndpoints(world).find(([name]) => name === endpoint);
    if (!found) throw new Error(endpoint);
    return found;
  };

  it('answers every malformed request with the RFC’s error and writes nothing', async () => {
    const [, url, start, authenticated] = of();
    const before = await everythingWritten(world.stand.database);
    const wrong: unknown[] = [];
    for (const request of malformed(start)) {
      const outcome = await send(url, request);
      const told = request.expect.includes(outcome.status) && outcome.error === request.error;
      // once client and redirect URI are known, an error of authorize goes there; never elsewhere
      const redirected = outcome.status === 303 && !authenticated && outcome.error === request.error && isRegistered(outcome.location);
      if (!told && !redirected) wrong.push(outcome);
      if (!outcome.cache?.includes('no-store')) wrong.push({ ...outcome, why: 'may be cached' });
    }
    expect(wrong).toEqual([]);
    expect(await everythingWritten(world.stand.database)).toEqual(before);
  });

  it('answers no other method with anything but 404 or 405', async () => {
    const [, url] = of();
    const statuses = await Promise.all(['PUT', 'DELETE', 'PATCH'].map(async (method) => (await fetch(url, { method })).status));
    expect(statuses.every((status) => status === 404 || status === 405)).toBe(true);
  });
});

describe.each(['token', 'revoke', 'introspect'])('%s', (endpoint) => {
  it('refuses every way of not being a client, and writes nothing', async () => {
    const [, url, start] = formEndpoints(world).find(([name]) => name === endpoint) ?? ['', '', ''];
    const before = await everythingWritten(world.stand.database);
    const wrong: unknown[] = [];
    for (const request of unauthenticated(`${start}&token=x`)) {
      const outcome = await send(url, request);
      if (!request.expect.includes(outcome.status) || outcome.error !== request.error) wrong.push(outcome);
    }
    expect(wrong).toEqual([]);
    expect(await everythingWritten(world.stand.database)).toEqual(before);
  });
});

describe('authorize', () => {
  const REGISTERED = () => world.shop.callback;

  it.each([
    ['an unregistered redirect_uri', () => ({ redirect_uri: 'https://evil.example/cb' })],
    ['a registered prefix', () => ({ redirect_uri: `${REGISTERED()}/../evil` })],
    ['a registered URI with a query', () => ({ redirect_uri: `${REGISTERED()}?next=https://evil.example` })],
    ['a registered URI with userinfo', () => ({ redirect_uri: REGISTERED().replace('http://', 'http://evil.example@') })],
    ['another port', () => ({ redirect_uri: 'http://localhost:1/callback' })],
    ['an unknown client', () => ({ client_id: 'nobody' })],
    ['no client', () => ({ client_id: '' })],
    ['a javascript: URI', () => ({ redirect_uri: 'javascript:alert(1)' })],
    ['a NUL in the URI', () => ({ redirect_uri: `${REGISTERED()}\0` })],
    ['non-ASCII in the URI', () => ({ redirect_uri: 'http://localhöst/callback' })],
  ])('with %s shows a page and redirects nowhere', async (_what, change) => {
    const before = await everythingWritten(world.stand.database);
    const url = new URL((await world.shop.begin('openid online_access')).url);
    for (const [name, value] of Object.entries(change())) url.searchParams.set(name, value);
    for (const method of ['GET', 'POST']) {
      const init = method === 'GET' ? {} : { method, body: url.searchParams };
      const response = await fetch(method === 'GET' ? url : world.metadata.authorization_endpoint, { ...init, redirect: 'manual' });
      expect([method, response.status, response.headers.get('location')]).toEqual([method, 400, null]);
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    }
    expect(await everythingWritten(world.stand.database)).toEqual(before);
  });

  it.each([
    ['response_type', 'token', 'unsupported_response_type'],
    ['response_type', 'nonsense', 'unsupported_response_type'],
    ['scope', 'openid nonsense', 'invalid_scope'],
    ['scope', 'öpenid', 'invalid_scope'],
    ['prompt', 'none login', 'invalid_request'],
    ['max_age', '-1', 'invalid_request'],
    ['max_age', 'soon', 'invalid_request'],
    ['code_challenge_method', 'plain', 'invalid_request'],
    ['code_challenge', 'short', 'invalid_request'],
    ['request', 'a.b.c', 'request_not_supported'],
    ['request_uri', 'https://evil.example/r', 'request_uri_not_supported'],
    ['response_mode', 'nonsense', 'invalid_request'],
    ['id_token_hint', 'a.b.c', 'invalid_request'],
    ['resource', 'not a uri', 'invalid_target'],
  ])('with %s=%s redirects with %s, state and iss, and writes nothing', async (name, value, error) => {
    const before = await everythingWritten(world.stand.database);
    const { url, state } = await world.shop.begin('openid online_access');
    url.searchParams.set(name, value);
    const page = await new UserAgent().open(url, world.shop.isMine);
    expect(Object.fromEntries(page.url.searchParams)).toMatchObject({ error, state, iss: world.issuer });
    expect(page.url.href.startsWith(world.shop.callback)).toBe(true);
    expect(await everythingWritten(world.stand.database)).toEqual(before);
  });
});

describe('userinfo', () => {
  it.each([
    ['no token', {}, 401],
    ['nonsense', { authorization: 'Bearer nonsense' }, 401],
    ['non-ASCII', { authorization: 'Bearer t%C3%B6ken' }, 401],
    ['a Basic header', { authorization: 'Basic eDp5' }, 401],
    ['60 kB of token', { authorization: `Bearer ${'x'.repeat(15_000)}` }, 401],
  ])('with %s challenges', async (_what, headers, status) => {
    const response = await fetch(world.endpoints.userinfo, { headers: headers as Record<string, string> });
    expect(response.status).toBe(status);
    expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });
});

describe('logout', () => {
  it.each([
    ['an unregistered post_logout_redirect_uri', { post_logout_redirect_uri: 'https://evil.example/', client_id: 'photo-shop' }],
    ['a hint that is no token', { id_token_hint: 'a.b.c', post_logout_redirect_uri: 'https://evil.example/' }],
    ['a URI and nothing that says whose', { post_logout_redirect_uri: 'https://evil.example/' }],
  ])('with %s redirects nowhere', async (_what, parameters) => {
    const url = new URL(world.metadata.end_session_endpoint);
    for (const [name, value] of Object.entries(parameters)) if (value) url.searchParams.set(name, value);
    const page = await new UserAgent().open(url, ({ hostname }) => hostname === 'evil.example');
    expect(page.url.hostname).toBe('localhost');
    expect(page.status).toBeLessThan(500);
    expect(page.body).not.toContain('href="https://evil.example');
  });
});

describe('what should not be there', () => {
  it('is 404 on every public listener: internal routes, traversal, other files', async () => {
    const paths = [
      '/internal/sessions/end',
      '/%69nternal/sessions/end',
      '//internal/hints',
      '/.env',
      '/..%2f..%2fetc/passwd',
      '/health',
      '/internal/hints/',
    ];
    for (const service of ['auth', 'token', 'session', 'introspect'] as const) {
      for (const path of paths) {
        const response = await fetch(world.stand.url(service) + path, {
          method: 'POST',
          body: '{}',
          headers: { 'content-type': 'application/json' },
        });
        expect([service, path, response.status]).toEqual([service, path, 404]);
      }
    }
  });
});

function isRegistered(location: string | null): boolean {
  return location?.startsWith(`${world.shop.callback}?`) ?? false;
}
