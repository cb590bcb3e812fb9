import fastify, { type FastifyInstance } from 'fastify';
import { until } from '#libs/testing';
import { requireAccess, resourceServerPlugin } from '../src/adapters/fastify.js';
import { AUDIENCE, FakeIssuer, LONG } from './fake-issuer.js';

let issuer: FakeIssuer;
let app: FastifyInstance;
beforeAll(async () => {
  issuer = await FakeIssuer.start();
  app = fastify();
  await app.register(resourceServerPlugin, { server: await issuer.fresh({ realm: 'photos' }) });
  app.get('/photos', { preHandler: app.requireAccess({ scopes: ['photos:read'] }) }, (request) => ({ sub: request.accessToken?.sub }));
  app.post('/photos', { onRequest: app.requireAccess() }, (request) => ({ read: request.body }));
  app.get('/open', (request) => ({ token: request.accessToken }));
  const owner = app.requireAccess((request) => ({ subject: (request.params as { id: string }).id }));
  app.get('/users/:id', { onRequest: owner }, () => 'mine');
  const misspelt = app.requireAccess((request) => ({ subject: (request.params as { user: string }).user }));
  app.get('/misspelt/:id', { onRequest: misspelt }, () => 'never');
  await app.register(async (inner) => {
    inner.get('/inner', { onRequest: inner.requireAccess() }, () => 'inside');
  });
});
afterAll(async () => {
  await app?.close();
  await issuer?.close();
});

const get = (url: string, authorization?: string) => app.inject({ url, headers: authorization ? { authorization } : {} });

it('lets a good token pass, and tells the handler what it says', async () => {
  const claims = issuer.claimsOf();
  const response = await get('/photos', `Bearer ${issuer.token('opaque', claims)}`);
  expect([response.statusCode, response.json()]).toEqual([200, { sub: claims.sub }]);
  expect((await get('/inner', `Bearer ${issuer.token('jwt')}`)).body).toBe('inside');
});

it('answers as RFC 6750 says', async () => {
  const nothing = await get('/photos');
  expect([nothing.statusCode, nothing.headers['www-authenticate'], nothing.body]).toEqual([
    401,
    'Bearer realm="photos", scope="photos:read"',
    '',
  ]);
  const lacking = await get('/photos', `Bearer ${issuer.token('jwt', issuer.claimsOf({ scope: 'openid' }))}`);
  expect([lacking.statusCode, lacking.json()]).toEqual([
    403,
    { error: 'insufficient_scope', error_description: 'The access token lacks a scope' },
  ]);
});

it('reads no body for a stranger, as onRequest', async () => {
  const headers = { 'content-type': 'application/json' };
  const stranger = await app.inject({ method: 'POST', url: '/photos', headers, payload: '{ no JSON' });
  expect(stranger.statusCode).toBe(401);
  const authorization = `Bearer ${issuer.token('jwt')}`;
  const known = await app.inject({ method: 'POST', url: '/photos', headers: { ...headers, authorization }, payload: '{"a":1}' });
  expect(known.json()).toEqual({ read: { a: 1 } });
});

it('takes the token from the header alone, and gives none to a route that asks for none', async () => {
  expect((await get(`/photos?access_token=${issuer.token('opaque')}`)).statusCode).toBe(401);
  expect((await get('/open', `Bearer ${issuer.token('opaque')}`)).json()).toEqual({ token: null });
});

it('asks for what the request itself needs', async () => {
  const claims = issuer.claimsOf();
  const token = `Bearer ${issuer.token('jwt', claims)}`;
  expect((await get(`/users/${claims.sub}`, token)).statusCode).toBe(200);
  expect((await get('/users/somebody', token)).statusCode).toBe(401);
});

it('a requirement without a value is a 500, and never a yes', async () => {
  const response = await get('/misspelt/somebody', `Bearer ${issuer.token('jwt')}`);
  expect([response.statusCode, response.body]).toEqual([500, expect.not.stringContaining('never')]);
});

it('is one API for an application; another one has the hook alone', async () => {
  const prints = await issuer.fresh({ audience: 'https://prints.example/api' });
  const both = fastify();
  await both.register(resourceServerPlugin, { server: await issuer.fresh() });
  both.get('/photos', { onRequest: both.requireAccess() }, (request) => ({ jti: request.accessToken?.jti }));
  both.get('/prints', { onRequest: requireAccess(prints, { scopes: ['photos:read'] }) }, (request) => ({ jti: request.accessToken?.jti }));
  const claims = [issuer.claimsOf(), issuer.claimsOf({ aud: 'https://prints.example/api' })];
  const answers = ['/photos', '/prints'].map((url) =>
    Promise.all(
      claims.map(async (each) => (await both.inject({ url, headers: { authorization: `Bearer ${issuer.token('jwt', each)}` } })).json()),
    ),
  );
  const refused = { error: 'invalid_token', error_description: expect.any(String) };
  const [photos, printed] = claims.map(({ jti }) => ({ jti }));
  expect(await Promise.all(answers)).toEqual([
    [photos, refused],
    [refused, printed],
  ]);
  await both.close();
  const twice = fastify().register(resourceServerPlugin, { server: prints }).register(resourceServerPlugin, { server: prints });
  await expect(twice).rejects.toThrow('is for one API');
});

it('makes a resource server of its options, and ends its feed with the application', async () => {
  const own = fastify();
  const before = issuer.feed.streams.length;
  const credentials = { clientId: 'photos-api', clientSecret: 'secret' };
  await own.register(resourceServerPlugin, { issuer: issuer.url, audience: AUDIENCE, credentials });
  own.get('/', { onRequest: own.requireAccess() }, () => 'in');
  const authorization = `Bearer ${issuer.token('opaque')}`;
  expect((await own.inject({ url: '/', headers: { authorization } })).body).toBe('in');
  await until(() => issuer.feed.streams.length === before + 1, LONG);
  await own.close();
  await until(() => issuer.feed.streams[before]?.closed, LONG);
  expect(issuer.feed.streams[0]?.closed).toBe(false);
});
