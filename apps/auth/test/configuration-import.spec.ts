import { hashClientSecret } from '#libs/clients';
import { Log } from '#libs/http';
import { ADMIN_SCOPES } from '#libs/protocol';
import { ClientStore } from '../src/clients/clients.store.js';
import { HashingQueue } from '../src/users/hashing-queue.js';
import { UserStore } from '../src/users/users.store.js';
import { VerifyPassword } from '../src/users/verify-password.js';
import { pepper, RecordsWorld } from './records-world.js';

const SECRET = 'a-secret-of-more-than-thirty-two-characters';
const api = { identifier: 'https://photos.example/api', scopes: { 'photos:read': 'See your photos', 'photos:write': 'Change them' } };
const shop = {
  client_id: 'shop',
  client_secret: SECRET,
  redirect_uris: ['https://shop.example/cb'],
  scope: 'photos:read openid online_access',
};
const book = { client_id: 'book', client_secret: 'short', redirect_uris: ['https://book.example/cb'], scope: 'openid' };
const jane = { username: 'jane', password: 'correct horse', claims: { name: 'Jane Doe' }, roles: ['editor'] };
const john = { username: 'john', password: 'purple monkey' };
const FILE = { apis: [api], clients: [shop, book], users: [jane, john] };

let world: RecordsWorld;
let clients: ClientStore;
let users: UserStore;
let passwords: VerifyPassword;
beforeEach(async () => {
  world = await RecordsWorld.create();
  clients = new ClientStore(world.db);
  users = new UserStore(world.db);
  passwords = new VerifyPassword(world.db, new HashingQueue());
});
afterEach(() => world.dispose());

test('the first import creates everything, in one transaction with its events and its audit', async () => {
  expect(await world.import(FILE)).toEqual({ created: 4, updated: 0, disabled: 0, enabled: 0 });
  expect(await clients.get('shop')).toEqual({
    client_id: 'shop',
    gen: 0,
    disabled: false,
    secrets: [hashClientSecret(pepper, SECRET)],
    metadata: expect.objectContaining({ redirect_uris: ['https://shop.example/cb'], token_endpoint_auth_method: 'client_secret_basic' }),
    scopes: [
      { name: 'photos:read', description: 'See your photos', api: api.identifier, access_token_format: 'opaque' },
      expect.objectContaining({ name: 'openid', api: null }),
      expect.objectContaining({ name: 'online_access', api: null }),
    ],
  });
  expect((await clients.get('book'))?.secrets).toEqual([expect.objectContaining({ weak: true })]);
  expect(await users.findByUsername('JANE')).toMatchObject({
    username: 'jane',
    gen: 0,
    disabled: false,
    roles: ['editor'],
    claims: { name: 'Jane Doe' },
  });
  expect(await passwords.verify('jane', 'correct horse')).toMatchObject({ outcome: 'right' });
  expect(await world.published()).toEqual([
    'ClientChanged created gen 0',
    'ClientChanged created gen 0',
    'SubjectChanged created gen 0',
    'SubjectChanged created gen 0',
  ]);
  const { rows } = await world.db.query<{ dump: string }>(
    "SELECT string_agg(t::text, ' ') AS dump FROM (SELECT c::text t FROM client c UNION ALL SELECT s::text FROM subject s UNION ALL SELECT a::text FROM audit a UNION ALL SELECT o::text FROM outbox o) x",
  );
  expect(rows[0]?.dump).not.toMatch(new RegExp(`${SECRET}|correct horse|purple monkey`));
});

test('an unchanged file writes nothing at all', async () => {
  await world.import(FILE);
  const before = await world.fingerprint();
  expect(await world.import(FILE)).toEqual({ created: 0, updated: 0, disabled: 0, enabled: 0 });
  expect(await world.fingerprint()).toBe(before);
});

test('a changed client keeps its generation; the entry only drops the cached records', async () => {
  await world.import(FILE);
  await world.published();
  expect(
    await world.import({ ...FILE, clients: [{ ...shop, client_name: 'Shop', client_secret: [SECRET, `${SECRET}-new`] }, book] }),
  ).toMatchObject({ updated: 1 });
  expect(await world.published()).toEqual(['ClientChanged updated gen 0', 'client shop gen 0']);
  expect((await clients.get('shop'))?.secrets).toHaveLength(2);
  const { rows } = await world.db.query<{ details: unknown }>("SELECT details FROM audit WHERE action = 'client.updated'");
  expect(rows).toEqual([{ details: { members: ['client_name', 'client_secret'] } }]);
});

test('what left the file is disabled, not deleted; what comes back is the same, one generation on, and what was killed stays dead', async () => {
  await world.import(FILE);
  const sub = (await users.findByUsername('john'))?.sub;
  await world.published();
  expect(await world.import({ ...FILE, clients: [shop], users: [jane] })).toEqual({ created: 0, updated: 0, disabled: 2, enabled: 0 });
  expect(await clients.get('book')).toMatchObject({ disabled: true, gen: 1 });
  expect(await users.findByUsername('john')).toMatchObject({ disabled: true, gen: 1, sub });
  expect(await world.published()).toEqual([
    'ClientChanged disabled gen 1',
    'SubjectChanged disabled gen 1',
    'client book gen 1',
    `subject ${sub} gen 1`,
  ]);
  expect(await world.import(FILE)).toMatchObject({ enabled: 2 });
  expect(await clients.get('book')).toMatchObject({ disabled: false, gen: 2 });
  expect(await users.findByUsername('john')).toMatchObject({ disabled: false, gen: 2, sub });
  expect(await world.published()).toEqual([
    'ClientChanged enabled gen 2',
    'SubjectChanged enabled gen 2',
    'client book gen 2',
    `subject ${sub} gen 2`,
  ]);
});

test('who is switched off and on by the file is in the audit and the log with that reason, and in the events with who applied it', async () => {
  await world.import(FILE);
  const sub = (await users.findByUsername('john'))?.sub;
  const lines: Record<string, unknown>[] = [];
  const log = Log.open({ level: 'info', service: 'auth' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const actor = 'client:ops';
  for (const [file, action] of [
    [{ ...FILE, clients: [shop], users: [jane] }, 'disabled'],
    [FILE, 'enabled'],
  ] as const) {
    await world.importer(log).runAs(world.catalogue(file), { actor, agree: () => undefined });
    const said = lines.splice(0);
    const same = { msg: 'switched by the configuration file', action, reason: 'configuration', actor };
    expect(said).toMatchObject([
      { client_id: 'book', ...same },
      { sub, ...same },
    ]);
    const audited = await world.db.query('SELECT actor, reason, target FROM audit WHERE action = ANY ($1) ORDER BY id', [
      [`client.${action}`, `subject.${action}`],
    ]);
    expect(audited.rows).toEqual([
      { actor, reason: 'configuration', target: 'book' },
      { actor, reason: 'configuration', target: sub },
    ]);
    const told = await world.db.query("SELECT key, body->>'actor' AS actor FROM outbox WHERE body->>'change' = $1 ORDER BY key", [action]);
    expect(told.rows).toEqual(['book', sub].sort().map((key) => ({ key, actor })));
  }
});

test('users are created once: claims and roles follow the file, the password never', async () => {
  await world.import(FILE);
  await world.published();
  await world.import({ ...FILE, users: [{ ...jane, password: 'another', claims: { name: 'Jane Roe' }, roles: [] }, john] });
  expect(await users.findByUsername('jane')).toMatchObject({ claims: { name: 'Jane Roe' }, roles: [], gen: 0 });
  expect(await passwords.verify('jane', 'correct horse')).toMatchObject({ outcome: 'right' });
  expect(await passwords.verify('jane', 'another')).toMatchObject({ outcome: 'wrong' });
  expect(await world.published()).toEqual(['SubjectChanged updated gen 0']);
});

test('what an operator disabled stays so, whatever the file says', async () => {
  await world.import(FILE);
  await world.db.query("UPDATE client SET disabled = true, gen = gen + 1 WHERE client_id = 'shop'");
  await world.import({ ...FILE, clients: [{ ...shop, client_name: 'Shop' }, book] });
  expect(await clients.get('shop')).toMatchObject({ disabled: true, gen: 1 });
});

test('rows that came from no file are left alone, and adopted once a file names them', async () => {
  await world.import({ ...FILE, clients: [shop] });
  await world.db.query("UPDATE client SET from_file = false WHERE client_id = 'shop'");
  expect(await world.import({ ...FILE, clients: [] })).toMatchObject({ disabled: 0 });
  expect(await world.import({ ...FILE, clients: [shop] })).toMatchObject({ updated: 1 });
  expect(await world.import({ ...FILE, clients: [] })).toMatchObject({ disabled: 1 });
});

test('a scope or an API that changed drops the cached records of the clients that have it', async () => {
  await world.import(FILE);
  await world.published();
  await world.import({ ...FILE, apis: [{ ...api, scopes: { ...api.scopes, 'photos:read': 'See all your photos' } }] });
  expect(await world.published()).toEqual(['ClientChanged updated gen 0', 'client shop gen 0']);
  await world.import({
    ...FILE,
    apis: [{ ...api, access_token_format: 'jwt', scopes: { ...api.scopes, 'photos:read': 'See all your photos' } }],
  });
  expect(await world.published()).toEqual(['ClientChanged updated gen 0', 'client shop gen 0']);
  expect((await clients.get('shop'))?.scopes[0]).toMatchObject({ access_token_format: 'jwt' });
});

test('an API that left the file takes its scopes with it', async () => {
  await world.import(FILE);
  await world.import({ ...FILE, apis: [], clients: [{ ...shop, scope: 'openid' }, book] });
  await world.import({ ...FILE, apis: [], clients: [{ ...shop, scope: 'openid' }, book] });
  const { rows } = await world.db.query<{ left: boolean }>("SELECT bool_and(left_file) AS left FROM scope WHERE name NOT LIKE 'lanyard:%'");
  expect(rows).toEqual([{ left: true }]);
});

test('two instances that start at once import once', async () => {
  const reports = await Promise.all([world.import(FILE), world.import(FILE), world.import(FILE)]);
  expect(reports.map(({ created }) => created).sort()).toEqual([0, 0, 4]);
  expect(await world.published()).toHaveLength(4);
});

test('an import that fails half-way leaves nothing', async () => {
  const before = await world.fingerprint();
  await world.db.query("ALTER TABLE subject ADD CONSTRAINT no_john CHECK (username <> 'john')");
  await expect(world.import(FILE)).rejects.toThrow('no_john');
  expect(await world.fingerprint()).toBe(before);
});

test('a thousand clients are a few statements', async () => {
  const many = Array.from({ length: 1_000 }, (_, n) => ({ client_id: `c${n}`, client_secret: SECRET, scope: 'openid' }));
  expect(await world.import({ clients: many })).toMatchObject({ created: 1_000 });
  expect(await world.import({ clients: many.slice(1) })).toEqual({ created: 0, updated: 0, disabled: 1, enabled: 0 });
});

describe('the admin API', () => {
  const operatorsApi = () =>
    world.db.query<{ identifier: string; format: string; scopes: string }>(
      `SELECT a.identifier, a.access_token_format AS format, count(*) AS scopes FROM api a JOIN scope s ON s.api = a.identifier
       WHERE NOT a.left_file AND NOT s.left_file AND s.name LIKE 'lanyard:%' GROUP BY 1, 2`,
    );

  test('is there with a file and without one, and stays when the file changes', async () => {
    const there = [{ identifier: `${world.services.issuer}/admin`, format: 'jwt', scopes: Object.keys(ADMIN_SCOPES).length }];
    await world.importer().runWithoutFile();
    expect((await operatorsApi()).rows).toEqual(there);
    await world.import(FILE);
    await world.import({});
    await world.importer().runWithoutFile();
    expect((await operatorsApi()).rows).toEqual(there);
  });

  test('its scopes go to clients that name them', async () => {
    const cli = { client_id: 'cli', client_secret: SECRET, application_type: 'service', scope: 'lanyard:users:read' };
    await world.import({ ...FILE, clients: [cli] });
    expect((await clients.get('cli'))?.scopes).toEqual([
      expect.objectContaining({ name: 'lanyard:users:read', api: `${world.services.issuer}/admin`, access_token_format: 'jwt' }),
    ]);
  });
});
