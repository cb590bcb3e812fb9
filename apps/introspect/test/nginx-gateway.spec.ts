import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { NginxServer, until } from '#libs/testing';
import { identityHeaders } from '../src/authz/identity-headers.js';
import { PHOTOS, Running, SECRET } from './running.js';

/** The nginx block of docs/guides/gateways.md, run by a real nginx before an API that knows nothing of tokens. */
let running: Running;
let api: Server;
let nginx: NginxServer;
const seen: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  running = await Running.start();
  api = createServer((request, response) => {
    seen.push(request.headers);
    response.end('pictures');
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  const page = readFileSync(join(import.meta.dirname, '../../../docs/guides/gateways.md'), 'utf8');
  const [, block = ''] = /```nginx\n(.*?)```/s.exec(page) ?? [];
  nginx = await NginxServer.start(
    block
      .replace('http://127.0.0.1:4003', running.app.publicUrl)
      .replace('http://127.0.0.1:8080', `http://127.0.0.1:${(api.address() as AddressInfo).port}`)
      .replace('cGhvdG9zLWFwaTpzZWNyZXQ=', Buffer.from(`photos-api:${SECRET}`).toString('base64')),
  );
}, 120_000);
afterAll(async () => {
  await nginx?.close();
  await new Promise((resolve) => (api ? api.close(resolve) : resolve(null)));
  await running?.close();
});
beforeEach(() => {
  seen.length = 0;
});

const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(`${nginx.origin}/pictures`, { method, headers });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
/** The view of a stalled machine is not fresh for a moment. */
const told = (headers: Record<string, string>, method?: string) =>
  until(
    async () => {
      const response = await get(headers, method);
      return response.status !== 503 && response;
    },
    { timeoutMs: 20_000, what: 'an answer through nginx' },
  );

/** Every header of ours that there is, as an end user might write it, and as an API that reads CGI variables might take for one. */
const forged = () => {
  const identity = Object.keys(identityHeaders(running.claims()));
  const gateways = ['lanyard-gateway-authorization', 'lanyard-required-scope', 'lanyard-required-audience'];
  const names = [...identity, ...gateways].flatMap((name) => [name, name.replaceAll('-', '_')]);
  return Object.fromEntries(names.map((name) => [name, 'forged']));
};
/** What the API was told of the end user, by any spelling. */
const ours = (headers: IncomingHttpHeaders = {}) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => /^lanyard[-_]/.test(name)));

it('passes a good request on, with who it is and without its token, whatever the end user wrote into our headers', async () => {
  const claims = running.claims({ scope: 'photos:read photos:write', acr: '1' });
  const response = await told({ ...bearer(running.opaque(claims)), ...forged() }, 'POST');
  expect({ status: response.status, body: await response.text() }).toEqual({ status: 200, body: 'pictures' });
  expect(seen).toHaveLength(1);
  expect(ours(seen[0])).toEqual({
    'lanyard-subject': claims.sub,
    'lanyard-client-id': 'photo-shop',
    'lanyard-scope': 'photos:read photos:write',
    'lanyard-audience': PHOTOS,
    'lanyard-session-id': claims.sid,
    'lanyard-token-id': claims.jti,
    'lanyard-acr': '1',
  });
  expect(seen[0]).not.toHaveProperty('authorization');
});

it('leaves nothing of what the end user wrote where the token says nothing', async () => {
  const { sid: _, ...claims } = running.claims();
  expect((await told({ ...bearer(running.opaque(claims)), ...forged() })).status).toBe(200);
  expect(ours(seen[0])).toEqual({
    'lanyard-subject': claims.sub,
    'lanyard-client-id': 'photo-shop',
    'lanyard-scope': 'photos:read',
    'lanyard-audience': PHOTOS,
    'lanyard-token-id': claims.jti,
  });
});

it('answers 401 with the challenge where there is no token, or a bad one, and the API hears nothing', async () => {
  const without = await told({});
  expect(without.status).toBe(401);
  expect(without.headers.get('www-authenticate')).toBe('Bearer realm="http://localhost:4000", scope="photos:read"');
  const bad = await told(bearer('nonsense'));
  expect(bad.status).toBe(401);
  expect(bad.headers.get('www-authenticate')).toContain('error="invalid_token"');
  expect(seen).toEqual([]);
});

it('answers 403 with the challenge where the scope is missing', async () => {
  const response = await told(bearer(running.opaque(running.claims({ scope: 'openid' }))));
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
  expect(seen).toEqual([]);
});

it('refuses a session’s tokens once it has ended', async () => {
  const claims = running.claims();
  const token = running.opaque(claims);
  expect((await told(bearer(token))).status).toBe(200);
  await running.owners.revoke('session', { kind: 'session', id: claims.sid ?? '' });
  await until(async () => (await told(bearer(token))).status === 401, { timeoutMs: 20_000 });
});

it('answers 503, and passes nothing on, while nobody can say', async () => {
  const token = running.opaque(running.claims());
  await told(bearer(token));
  seen.length = 0;
  running.clock.skewMs += 5_000;
  const response = await get(bearer(token));
  expect(response.status).toBe(503);
  expect(response.headers.get('retry-after')).toBe('1');
  expect(seen).toEqual([]);
});

it('answers 503, and passes nothing on, when the gateway itself is no longer a client', async () => {
  await running.owners.revoke('auth', { kind: 'client', id: 'photos-api', gen: 2 });
  const token = running.opaque(running.claims());
  // the 503 while nobody can say (the clock has leapt above) comes from somewhere else: nginx's log knows which one it was
  const told500 = async () => (await get(bearer(token))).status === 503 && /auth request unexpected status: 500/.test(nginx.log);
  await until(told500, { timeoutMs: 20_000, what: 'an answer of the gateway that says its own credentials are wrong' });
  expect(seen).toEqual([]);
});
