import type { IncomingMessage, ServerResponse } from 'node:http';
import express from 'express';
import { requireAccess } from '../src/adapters/express.js';
import { listening } from './fake-feed.js';
import { FakeIssuer } from './fake-issuer.js';

let issuer: FakeIssuer;
let api: Awaited<ReturnType<typeof listening>>;
beforeAll(async () => {
  issuer = await FakeIssuer.start();
  const server = await issuer.fresh({ realm: 'photos' });
  const app = express();
  app.get('/photos', requireAccess(server, { scopes: ['photos:read'] }), (request, response) => {
    response.json({ sub: request.accessToken?.sub });
  });
  const owner = requireAccess<express.Request>(server, (request) => ({ subject: String(request.params.id) }));
  app.get('/users/:id', owner, (_request, response) => void response.end('mine'));
  const misspelt = requireAccess<express.Request>(server, (request) => ({ subject: request.params.user as string }));
  app.get('/misspelt/:id', misspelt, (_request, response) => void response.end('never'));
  const silent = requireAccess(server, (() => undefined) as unknown as () => object);
  app.get('/silent', silent, (_request, response) => void response.end('never'));
  const broken = requireAccess(server, () => {
    throw new Error('a bug of the application');
  });
  app.get('/broken', broken, (_request, response) => void response.end('never'));
  app.use((_error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
    response.status(500).end('a bug');
  });
  api = await listening(app as unknown as (request: IncomingMessage, response: ServerResponse) => void);
});
afterAll(async () => {
  await api?.close();
  await issuer?.close();
});

const get = (path: string, authorization?: string) => fetch(`${api.origin}${path}`, { headers: authorization ? { authorization } : {} });

it('lets a good token pass, and tells the handler what it says', async () => {
  const claims = issuer.claimsOf();
  const response = await get('/photos', `Bearer ${issuer.token('opaque', claims)}`);
  expect([response.status, await response.json()]).toEqual([200, { sub: claims.sub }]);
});

it('answers as RFC 6750 says', async () => {
  const nothing = await get('/photos');
  expect([nothing.status, nothing.headers.get('www-authenticate'), await nothing.text()]).toEqual([
    401,
    'Bearer realm="photos", scope="photos:read"',
    '',
  ]);
  const lacking = await get('/photos', `Bearer ${issuer.token('jwt', issuer.claimsOf({ scope: 'openid' }))}`);
  expect([lacking.status, lacking.headers.get('www-authenticate')]).toEqual([
    403,
    'Bearer realm="photos", error="insufficient_scope", error_description="The access token lacks a scope", scope="photos:read"',
  ]);
  expect(await lacking.json()).toEqual({ error: 'insufficient_scope', error_description: 'The access token lacks a scope' });
});

it('takes the token from the header alone', async () => {
  expect((await get(`/photos?access_token=${issuer.token('opaque')}`)).status).toBe(401);
  const body = new URLSearchParams({ access_token: issuer.token('opaque') });
  expect((await fetch(`${api.origin}/photos`, { method: 'POST', body })).status).toBe(404);
});

it('asks for what the request itself needs', async () => {
  const claims = issuer.claimsOf();
  const token = `Bearer ${issuer.token('jwt', claims)}`;
  expect((await get(`/users/${claims.sub}`, token)).status).toBe(200);
  expect((await get('/users/somebody', token)).status).toBe(401);
});

it.each([
  ['an error', '/broken'],
  ['a requirement without a value', '/misspelt/somebody'],
  ['a function that says nothing', '/silent'],
])('hands %s to the application’s own error handling, and never to the handler', async (_what, path) => {
  const response = await get(path, `Bearer ${issuer.token('jwt')}`);
  expect([response.status, await response.text()]).toEqual([500, 'a bug']);
});
