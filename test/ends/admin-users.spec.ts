import { type InProcessServices, startServices } from '#libs/testing';
import { Operator } from '../actors/operator.js';

/** Users by the admin API. What ends with them is in the other files of this folder. */
let services: InProcessServices;
let operator: Operator;
beforeAll(async () => {
  services = await startServices({ services: ['auth', 'session', 'token'] });
  operator = new Operator(services);
}, 360_000);
afterAll(() => services?.stop());

const ask = (method: 'GET' | 'POST', path: string, body?: unknown) => operator.call('auth', method, path, body);
const password = 'a long enough password';

async function made(username: string): Promise<string> {
  const { status, body } = await ask('POST', '/admin/users', { username, password, claims: { name: 'Somebody' }, roles: ['editor'] });
  expect(status).toBe(201);
  return String(body.sub);
}

const audited = async (target: string) =>
  (await services.world.database.query('SELECT actor, action FROM auth.audit WHERE target = $1 ORDER BY id', [target])).map(
    (row) => `${row.actor} ${row.action}`,
  );

test('a user is created, read, and audited with who did it; the password is nowhere', async () => {
  const sub = await made('new.user');
  const { status, body } = await ask('GET', `/admin/users/${sub}`);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    sub,
    username: 'new.user',
    origin: 'api',
    disabled: false,
    gen: 0,
    claims: { name: 'Somebody' },
    roles: ['editor'],
  });
  expect(JSON.stringify(body)).not.toMatch(/argon2|password_hash/);
  expect(await audited(sub)).toEqual(['client:admin-cli subject.created', 'client:admin-cli subject.read']);
});

test.each([
  [{ username: 'x', password: 'short' }, 400, 'The password must have at least 8 characters.'],
  [{ username: 'the-username', password: 'The-Username' }, 400, 'The password must not be the username.'],
  [{ username: ' x', password }, 400, 'body.username'],
  [{ username: 'x', password, claims: { sub: 'jane' } }, 400, 'body.claims.sub'],
  [{ username: 'x', password, claims: { name: 'a\0b' } }, 400, 'without NUL'],
  [{ username: 'x', password, admin: true }, 400, 'body'],
  [{ username: 'JANE', password }, 409, 'There is a user of that name.'],
])('refuses to create %j', async (body, status, said) => {
  const answer = await ask('POST', '/admin/users', body);
  expect([answer.status, answer.body.error]).toEqual([status, 'invalid_request']);
  expect(String(answer.body.error_description)).toContain(said);
});

test('the list pages by username, finds by how a name begins, and shows each user once', async () => {
  for (const n of [3, 1, 2, 5, 4]) await made(`paged_${n}`);
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await ask('GET', `/admin/users?search=PAGED_&limit=2${cursor}`);
    seen.push(...(body.items as { username: string }[]).map(({ username }) => username));
    if (body.next === null) break;
    cursor = `&cursor=${String(body.next)}`;
  }
  expect(seen).toEqual([1, 2, 3, 4, 5].map((n) => `paged_${n}`));
  expect((await ask('GET', '/admin/users?search=paged%25')).body.items).toEqual([]);
  expect((await ask('GET', '/admin/users?cursor=nonsense')).status).toBe(400);
});

test('filters by origin and by being disabled', async () => {
  const sub = await made('switched.off');
  await ask('POST', `/admin/users/${sub}/disable`);
  const names = async (query: string) =>
    ((await ask('GET', `/admin/users?${query}`)).body.items as { username: string }[]).map((u) => u.username);
  expect(await names('origin=file')).toEqual(['jane', 'john']);
  expect(await names('disabled=true')).toEqual(['switched.off']);
});

test('who is not there is 404, everywhere', async () => {
  const sub = await made('agrees.to.nothing');
  for (const path of ['disable', 'enable', 'revoke-all']) expect((await ask('POST', `/admin/users/nobody/${path}`)).status).toBe(404);
  expect((await ask('POST', '/admin/users/nobody/password', { password })).status).toBe(404);
  expect((await ask('POST', '/admin/users/nobody/consents/photo-shop/revoke')).status).toBe(404);
  expect((await ask('POST', `/admin/users/${sub}/consents/no-such-client/revoke`)).status).toBe(404);
  const nothing = await ask('POST', `/admin/users/${sub}/consents/photo-shop/revoke`);
  expect(nothing).toMatchObject({ status: 200, body: { revoked: false, confirmed: true } });
  for (const path of ['', '/consents']) expect((await ask('GET', `/admin/users/nobody${path}`)).status).toBe(404);
  expect((await ask('GET', '/admin/users/%00')).status).toBe(400);
});

test('the audit is read by target and by actor, the latest first, and says who read it', async () => {
  const sub = await made('audited');
  await ask('POST', `/admin/users/${sub}/revoke-all`);
  const { body } = await ask('GET', `/admin/auth/audit?target=${sub}`);
  expect(body.items).toMatchObject([
    { actor: 'client:admin-cli', action: 'subject.revoked_all', details: { gen: 1 } },
    { action: 'subject.created', details: { from_file: false } },
  ]);
  const latest = await ask('GET', '/admin/auth/audit?actor=client:admin-cli&limit=1');
  expect(latest.body.items).toMatchObject([{ action: 'audit.read', target: 'audit', details: { target: sub, count: 2 } }]);
  const older = await ask('GET', `/admin/auth/audit?actor=client:admin-cli&limit=1&cursor=${String(latest.body.next)}`);
  expect(older.body.items).not.toEqual(latest.body.items);
});

test('without the scope nothing is said', async () => {
  const { body } = await operator.call('auth', 'POST', '/admin/clients', {
    client_id: 'reader',
    metadata: { application_type: 'service', scope: 'lanyard:users:read' },
  });
  const reader = new Operator(services, 'reader', String(body.client_secret));
  expect((await reader.call('auth', 'GET', '/admin/users')).status).toBe(200);
  for (const [method, path] of [
    ['POST', '/admin/users'],
    ['GET', '/admin/clients'],
    ['GET', '/admin/auth/audit'],
  ] as const) {
    expect(await reader.call('auth', method, path, method === 'POST' ? {} : undefined)).toMatchObject({
      status: 403,
      body: { error: 'insufficient_scope' },
    });
  }
});
