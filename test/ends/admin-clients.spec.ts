import { type InProcessServices, startServices, testConfig } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { answerOf, basic } from '../actors/raw-client.js';
import { PATIENT } from './life.js';

/** Clients by the admin API: the rules are the file's, secrets are said once, and nobody gets operators' rights from one who lacks them. */
let services: InProcessServices;
let operator: Operator;
beforeAll(async () => {
  services = await startServices({ config: testConfig({ settings: PATIENT }), services: ['auth', 'session', 'token'] });
  operator = new Operator(services);
}, 360_000);
afterAll(() => services?.stop());

type Method = Parameters<Operator['call']>[1];
const ask = (method: Method, path = '', body?: unknown) => operator.call('auth', method, `/admin/clients${path}`, body);
const service = { application_type: 'service', scope: 'photos:read' };

async function made(client_id: string, metadata: Record<string, unknown> = service): Promise<string> {
  const { status, body } = await ask('POST', '', { client_id, metadata });
  expect(status).toBe(201);
  return String(body.client_secret);
}

async function tokenStatus(clientId: string, secret: string): Promise<number> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', authorization: basic(clientId, secret) };
  const url = `${services.world.url('token')}/token`;
  return (await answerOf(await fetch(url, { method: 'POST', headers, body: 'grant_type=client_credentials' }))).status;
}

test('a client made works at once; its secret is said once and stored nowhere', async () => {
  const { status, body } = await ask('POST', '', { metadata: { ...service, client_name: 'Made by API' } });
  expect(status).toBe(201);
  expect(body.client).toMatchObject({
    origin: 'api',
    disabled: false,
    gen: 0,
    metadata: { client_name: 'Made by API', grant_types: ['client_credentials'] },
  });
  const { client_id, secrets } = body.client as { client_id: string; secrets: Record<string, unknown>[] };
  expect(secrets).toEqual([{ secret_id: expect.any(String), weak: false, created_at: expect.any(Number) }]);
  expect(String(body.client_secret)).toMatch(/^lanyard_cs_/);
  expect(await tokenStatus(client_id, String(body.client_secret))).toBe(200);
  const read = await ask('GET', `/${client_id}`);
  expect(JSON.stringify(read.body)).not.toContain(String(body.client_secret));
  const [dump] = await services.world.database.query(
    "SELECT string_agg(t::text, ' ') AS dump FROM (SELECT c::text t FROM auth.client c UNION ALL SELECT a::text FROM auth.audit a) x",
  );
  expect(String(dump?.dump)).not.toContain(String(body.client_secret));
});

const METADATA = 'invalid_client_metadata';
test.each([
  [{ redirect_uris: ['https://app.example/*'] }, 'invalid_redirect_uri', 'body.metadata.redirect_uris.0'],
  [{ scope: 'openid photos:fly' }, METADATA, 'no API declares photos:fly'],
  [{ redirect_uri: 'https://app.example/cb' }, METADATA, 'body.metadata.redirect_uri'],
  [{ client_secret: 'mine' }, METADATA, 'body.metadata.client_secret: expected none: the server issues it'],
  [
    { application_type: 'browser', redirect_uris: ['https://app.example/'], scope: 'openid offline_access online_access' },
    METADATA,
    'expected no offline_access',
  ],
  [
    { redirect_uris: ['https://app.example/cb'], scope: 'openid lanyard:users:write' },
    METADATA,
    'for a service with client_credentials only',
  ],
  [{ backchannel_logout_uri: 'ftp://app.example/out' }, METADATA, 'body.metadata.backchannel_logout_uri'],
  [{ client_name: 'a\0b' }, METADATA, 'NUL'],
  [{ application_type: 'service', grant_types: ['password'] }, METADATA, 'body.metadata.grant_types: expected no password'],
])('the file’s rules refuse %j with the error of RFC 7591 %s', async (metadata, error, said) => {
  const { status, body } = await ask('POST', '', { metadata });
  expect([status, body.error]).toEqual([400, error]);
  expect(String(body.error_description)).toContain(said);
});

test('a client_id is given once, and is what RFC 6749 lets it be', async () => {
  await made('only-once');
  expect((await ask('POST', '', { client_id: 'only-once', metadata: service })).status).toBe(409);
  expect((await ask('POST', '', { client_id: 'photo-shop', metadata: service })).status).toBe(409);
  expect((await ask('POST', '', { client_id: 'ü', metadata: service })).status).toBe(400);
});

test('a change merges, null removes, and the whole is judged again', async () => {
  await made('changing', { redirect_uris: ['https://app.example/cb'], client_name: 'Before', scope: 'openid' });
  const { status, body } = await ask('PATCH', '/changing', { metadata: { client_name: null, client_uri: 'https://app.example/' } });
  expect([status, body.client_secret, body.confirmed]).toEqual([200, null, true]);
  const { metadata } = body.client as { metadata: Record<string, unknown> };
  expect(metadata).toMatchObject({ client_uri: 'https://app.example/', redirect_uris: ['https://app.example/cb'] });
  expect(metadata).not.toHaveProperty('client_name');
  expect((await ask('PATCH', '/changing', { metadata: { redirect_uris: ['app.example'] } })).status).toBe(400);
  const [audit] = await services.world.database.query("SELECT details FROM auth.audit WHERE target = 'changing' ORDER BY id DESC LIMIT 1");
  expect(audit).toEqual({ details: { members: ['client_name', 'client_uri'] } });
});

test('from public to confidential gives a secret, and back takes it away', async () => {
  await made('turning', { redirect_uris: ['https://app.example/cb'], token_endpoint_auth_method: 'none' });
  const confidential = await ask('PATCH', '/turning', { metadata: { token_endpoint_auth_method: 'client_secret_basic' } });
  expect(String(confidential.body.client_secret)).toMatch(/^lanyard_cs_/);
  const back = await ask('PATCH', '/turning', { metadata: { token_endpoint_auth_method: 'none' } });
  expect(back.body).toMatchObject({ client_secret: null, client: { secrets: [] } });
});

test('two secrets are live at once; a third is refused, the last stays, and a removed one is refused everywhere when that is confirmed', async () => {
  const first = await made('two-secrets');
  const added = await ask('POST', '/two-secrets/secrets');
  expect(added).toMatchObject({ status: 201, body: { confirmed: true } });
  const second = String(added.body.client_secret);
  expect([await tokenStatus('two-secrets', first), await tokenStatus('two-secrets', second)]).toEqual([200, 200]);
  expect((await ask('POST', '/two-secrets/secrets')).status).toBe(409);

  const { secrets } = (await ask('GET', '/two-secrets')).body as { secrets: { secret_id: string }[] };
  const [old, fresh] = secrets.map(({ secret_id }) => secret_id);
  expect(fresh).toBe(added.body.secret_id);
  expect(await ask('DELETE', `/two-secrets/secrets/${old}`)).toMatchObject({ status: 200, body: { confirmed: true } });
  expect([await tokenStatus('two-secrets', first), await tokenStatus('two-secrets', second)]).toEqual([401, 200]);
  expect((await ask('DELETE', `/two-secrets/secrets/${old}`)).status).toBe(404);
  expect((await ask('DELETE', `/two-secrets/secrets/${fresh}`)).status).toBe(409);
  expect((await ask('POST', '/turning/secrets')).status).toBe(409);
});

test('what the file decides is changed in the file; switching off and on is the operator’s', async () => {
  for (const [method, path, body] of [
    ['PATCH', '/photo-shop', { metadata: { client_name: 'Mine' } }],
    ['POST', '/photo-shop/secrets', undefined],
    ['DELETE', '/photo-shop/secrets/x', undefined],
  ] as const) {
    const answer = await ask(method, path, body);
    expect([answer.status, answer.body.error_description]).toEqual([
      409,
      'The configuration file decides about this client: change it there.',
    ]);
  }
  expect((await ask('POST', '/photo-shop/disable')).status).toBe(200);
  expect((await ask('GET', '/photo-shop')).body).toMatchObject({ origin: 'file', disabled: true });
  expect((await ask('POST', '/photo-shop/enable')).status).toBe(200);
});

test('operators’ rights are handed on only by who holds them', async () => {
  const secret = await made('registrar', { application_type: 'service', scope: 'lanyard:clients:read lanyard:clients:write' });
  await made('boss', { application_type: 'service', scope: 'lanyard:users:write' });
  const registrar = new Operator(services, 'registrar', secret);
  const refused = { status: 403, body: { error: 'insufficient_scope' } };
  const asRegistrar = (method: Method, path: string, body?: unknown) => registrar.call('auth', method, `/admin/clients${path}`, body);
  expect(await asRegistrar('POST', '', { metadata: { application_type: 'service', scope: 'lanyard:users:write' } })).toMatchObject(refused);
  expect(await asRegistrar('POST', '/boss/secrets')).toMatchObject(refused);
  expect(await asRegistrar('PATCH', '/boss', { metadata: { client_name: 'x' } })).toMatchObject(refused);
  expect(await asRegistrar('PATCH', '/registrar', { metadata: { scope: 'lanyard:clients:write lanyard:keys:write' } })).toMatchObject(
    refused,
  );
  expect((await asRegistrar('POST', '', { metadata: { application_type: 'service', scope: 'lanyard:clients:read' } })).status).toBe(201);
  for (const act of ['disable', 'enable']) expect(await asRegistrar('POST', `/boss/${act}`)).toMatchObject(refused);
  expect(await asRegistrar('POST', '/nobody/disable')).toMatchObject({ status: 404 });
});

test('nobody locks the operators out: not who may do less, and no client itself', async () => {
  const secret = await made('switcher', { application_type: 'service', scope: 'lanyard:clients:write' });
  const switcher = new Operator(services, 'switcher', secret);
  expect(await switcher.call('auth', 'POST', '/admin/clients/admin-cli/disable')).toMatchObject({ status: 403 });
  expect(await ask('POST', '/admin-cli/disable')).toMatchObject({
    status: 409,
    body: { error_description: expect.stringMatching(/switch itself off/) },
  });
  expect(await switcher.call('auth', 'POST', '/admin/clients/photo-viewer/disable')).toMatchObject({ status: 200 });
  expect((await ask('POST', '/photo-viewer/enable')).status).toBe(200);
});

test('the list pages by client_id, with filters', async () => {
  const names = async (query: string) =>
    ((await ask('GET', `?${query}`)).body.items as { client_id: string }[]).map(({ client_id }) => client_id);
  expect(await names('search=photo-&origin=file&limit=3')).toEqual(['photo-backup', 'photo-book', 'photo-shop']);
  const { body } = await ask('GET', '?search=photo-&limit=3');
  expect(await names(`search=photo-&limit=3&cursor=${String(body.next)}`)).toEqual(['photo-viewer']);
  expect((await ask('GET', '/nobody')).status).toBe(404);
});

test('an id as long as ids may be can be asked for, however it is encoded', async () => {
  const longest = `${'%~'.repeat(127)}%`;
  await made(longest);
  expect((await ask('GET', `/${encodeURIComponent(longest)}`)).body.client_id).toBe(longest);
  expect((await ask('GET', `/${longest.replaceAll('%', '%25').replaceAll('~', '%7E')}`)).status).toBe(200);
  expect(await ask('GET', `/${'x'.repeat(256)}`)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  expect((await ask('GET', `/${'x'.repeat(4_000)}`)).status).toBe(413);
});
