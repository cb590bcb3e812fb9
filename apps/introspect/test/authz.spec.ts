import { request } from 'node:http';
import { until } from '#libs/testing';
import { headerText } from '../src/authz/identity-headers.js';
import { ISSUER, PHOTOS, Running, SECRET } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await Running.start();
  const gateway = { application_type: 'service', grant_types: [] };
  running.register('any-gateway', { ...gateway, resource_server_for: ['*'] });
  running.register('prints-gateway', { ...gateway, resource_server_for: ['https://prints.example/api'] });
  // whose own tokens are for another API
  running.register('photo-shop', { redirect_uris: ['http://localhost:1/cb'], scope: 'openid online_access' });
}, 120_000);
afterAll(() => running?.close());
afterEach(() => running.gates.releaseAll());

const basic = (id: string, secret = SECRET) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
const GATEWAY = { 'lanyard-gateway-authorization': basic('photos-api') };
type Headers = Record<string, string>;

/** With any method and any path as they are: `fetch` would tidy them up. */
function ask(path: string, headers: Headers, method = 'GET'): Promise<{ status: number; headers: Headers; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(running.app.publicUrl, { path, headers, method }, (response) => {
      let body = '';
      response.on('data', (part: Buffer) => {
        body += part.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers as Headers, body }));
    });
    sent.once('error', reject).end();
  });
}

/** 503 says "ask again": a stalled machine's view is not fresh for a moment. */
const answerTo = (path: string, headers: Headers, method?: string) =>
  until(
    async () => {
      const answer = await ask(path, headers, method);
      return answer.status !== 503 && answer;
    },
    { timeoutMs: 20_000, what: 'an answer' },
  );
const bearer = (token: string, gateway: Headers = GATEWAY): Headers => ({ authorization: `Bearer ${token}`, ...gateway });
const identity = (headers: Headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('lanyard-')));
const inAMinute = () => Math.floor(running.clock.wall() / 1_000) + 60;
const refused = { status: 401, headers: { 'www-authenticate': expect.stringContaining('error="invalid_token"') as string } };

describe('a request that may pass', () => {
  it.each(['opaque', 'jwt'] as const)('(%s) is 204, and who it is', async (form) => {
    const claims = running.claims({ scope: 'photos:read photos:write', acr: '1' });
    const { status, headers, body } = await answerTo('/authz?scope=photos:read', bearer(running[form](claims)));
    expect({ status, body }).toEqual({ status: 204, body: '' });
    expect(identity(headers)).toEqual({
      'lanyard-subject': claims.sub,
      'lanyard-client-id': 'photo-shop',
      'lanyard-scope': 'photos:read photos:write',
      'lanyard-audience': PHOTOS,
      'lanyard-session-id': claims.sid,
      'lanyard-token-id': claims.jti,
      'lanyard-acr': '1',
    });
    expect(headers['cache-control']).toBe('no-store');
  });

  it('has every identity header though the token has no session, so that none of the end user’s can stay', async () => {
    const { sid: _, ...claims } = running.claims();
    const { headers } = await answerTo('/authz', bearer(running.opaque(claims)));
    expect(identity(headers)).toMatchObject({ 'lanyard-session-id': '', 'lanyard-acr': '' });
  });

  it('can put nothing of its own into a header', async () => {
    const token = running.opaque(running.claims({ sub: 'jane\r\nLanyard-Scope: all \u00e9%', client_id: 'photo shop' }));
    const { status, headers } = await answerTo('/authz', bearer(token));
    expect(status).toBe(204);
    expect(headers['lanyard-subject']).toBe('jane%0D%0ALanyard-Scope:%20all%20%C3%A9%25');
    expect(headers['lanyard-client-id']).toBe('photo%20shop');
    expect(headers['lanyard-scope']).toBe('photos:read');
    expect(decodeURIComponent(headerText('jane ☂ 100%'))).toBe('jane ☂ 100%');
  });
});

describe('a request that may not', () => {
  it('is 401 without a reason when it shows no bearer token, and the challenge says what is needed', async () => {
    const challenge = `Bearer realm="${ISSUER}", scope="photos:read photos:write"`;
    for (const authorization of [undefined, basic('photos-api'), 'DPoP abc']) {
      const headers = { ...GATEWAY, ...(authorization ? { authorization } : {}) };
      const answer = await answerTo('/authz?scope=photos:read%20photos:write', headers);
      expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': challenge } });
    }
  });

  it.each([
    ['nonsense', () => 'nonsense'],
    ['two words', () => 'two words'],
    ['an expired token', () => running.opaque(running.claims({ exp: 1_000 }))],
    ['a sealed token that is not valid yet', () => running.opaque(running.claims({ nbf: inAMinute() }))],
    ['a signed token that is not valid yet', () => running.jwt(running.claims({ nbf: inAMinute() }))],
    ['a token sealed under the name of our key by another', () => running.sealedByAnother(running.claims())],
    ['a token signed under the name of our key by another', () => running.signedByAnother(running.claims())],
    ['a refresh token', () => 'lanyard_rt_abc'],
    ['a token of another issuer', () => running.jwt(running.claims({ iss: 'https://elsewhere.example' }))],
    ['an ID token', () => running.jwt(running.claims(), 'JWT')],
    ['a token for another API', () => running.opaque(running.claims({ aud: 'https://other.example' }))],
    ['a token bound to a DPoP key', () => running.opaque(running.claims({ cnf: { jkt: 'thumbprint' } }))],
  ])('is 401 with %s, and says nothing of anybody', async (_what, token) => {
    const answer = await answerTo('/authz', bearer(token()));
    expect(answer).toMatchObject(refused);
    expect(identity(answer.headers)).toEqual({});
  });

  it('is 401 once its session has ended', async () => {
    const claims = running.claims();
    const token = running.opaque(claims);
    expect((await answerTo('/authz', bearer(token))).status).toBe(204);
    await running.owners.revoke('session', { kind: 'session', id: claims.sid ?? '' });
    await until(async () => (await answerTo('/authz', bearer(token))).status === 401, { timeoutMs: 20_000 });
  });

  it('is 403 when the token lacks one of the scopes, from query or header', async () => {
    const headers = bearer(running.opaque(running.claims()));
    const challenge = {
      'www-authenticate': expect.stringMatching(/error="insufficient_scope".*scope="photos:read photos:write"/) as string,
    };
    for (const [path, more] of [
      ['/authz?scope=photos:read&scope=photos:write', {}],
      ['/authz?scope=photos:read', { 'lanyard-required-scope': 'photos:write' }],
    ] as [string, Headers][]) {
      const answer = await answerTo(path, { ...headers, ...more });
      expect(answer).toMatchObject({ status: 403, headers: challenge });
      expect(identity(answer.headers)).toEqual({});
    }
  });

  it('is 401 at the API that the route names, if the token is for another one that the gateway stands before', async () => {
    const headers = bearer(running.opaque(running.claims()), { 'lanyard-gateway-authorization': basic('any-gateway') });
    expect((await answerTo('/authz', headers)).status).toBe(204);
    expect((await answerTo(`/authz?audience=${PHOTOS}`, headers)).status).toBe(204);
    expect(await answerTo('/authz?audience=https://prints.example/api', headers)).toMatchObject(refused);
    expect(await answerTo('/authz', { ...headers, 'lanyard-required-audience': 'https://prints.example/api' })).toMatchObject(refused);
  });

  it('is 401 at a gateway of another API, and at one whose own client the token was issued to', async () => {
    const token = running.opaque(running.claims());
    for (const gateway of ['prints-gateway', 'photo-shop'])
      expect(await answerTo('/authz', bearer(token, { 'lanyard-gateway-authorization': basic(gateway) }))).toMatchObject(refused);
  });

  it('is 503 when the process was stopped between verdict and answer for longer than the bound, and says nothing of anybody', async () => {
    const token = running.opaque(running.claims());
    const place = running.gates.hold('authz.before-send');
    const held = ask('/authz', bearer(token));
    await place.reached;
    running.clock.skewMs += 5_000;
    place.release();
    const answer = await held;
    expect(answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(identity(answer.headers)).toEqual({});
    await until(async () => (await ask('/authz', bearer(token))).status === 204, { timeoutMs: 20_000 });
  });
});

describe('the gateway', () => {
  const token = () => running.opaque(running.claims());

  it.each([
    ['says nothing of itself', {}],
    ['has a wrong secret', { 'lanyard-gateway-authorization': basic('photos-api', 'wrong') }],
    ['is unknown', { 'lanyard-gateway-authorization': basic('nobody') }],
    ['shows a bearer token', { 'lanyard-gateway-authorization': 'Bearer x' }],
  ] as [string, Headers][])('that %s gets 500: it is not the end user whose token is bad', async (_what, gateway) => {
    const answer = await answerTo('/authz', bearer(token(), gateway));
    expect(answer.status).toBe(500);
    expect(answer.headers['www-authenticate']).toBeUndefined();
    expect(identity(answer.headers)).toEqual({});
  });

  it('proves itself in its own header only: the end user’s is not looked at for it', async () => {
    expect((await answerTo('/authz', { authorization: basic('photos-api') })).status).toBe(500);
  });

  it('asks for scopes that are scopes', async () => {
    expect((await answerTo('/authz?scope=%22', bearer(token()))).status).toBe(400);
  });
});

describe('Envoy’s way of asking', () => {
  it.each(['GET', 'POST', 'DELETE', 'OPTIONS'])('by %s, with the path behind ours, is told 200', async (method) => {
    const answer = await answerTo(
      '/authz/pictures/7?size=1',
      { ...bearer(running.opaque(running.claims())), 'content-length': '0' },
      method,
    );
    expect({ status: answer.status, body: answer.body }).toEqual({ status: 200, body: '' });
    expect(identity(answer.headers)).toMatchObject({ 'lanyard-client-id': 'photo-shop' });
  });

  it.each(['application/json', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'])(
    'with the content type of a request that is not its own (%s) is told 200',
    async (type) => {
      const headers = { ...bearer(running.opaque(running.claims())), 'content-type': type, 'content-length': '0' };
      expect((await answerTo('/authz/pictures', headers, 'POST')).status).toBe(200);
    },
  );

  it('takes what is required from headers alone: the query is the end user’s', async () => {
    const headers = bearer(running.opaque(running.claims()));
    expect((await answerTo('/authz/pictures?scope=more', headers)).status).toBe(200);
    const required = { ...headers, 'lanyard-required-scope': 'photos:write' };
    expect((await answerTo('/authz/pictures?scope=photos:read', required)).status).toBe(403);
    expect((await answerTo('/authz/..%2fauthz?scope=photos:read', required)).status).toBe(403);
  });
});
