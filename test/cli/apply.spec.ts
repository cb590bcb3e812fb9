import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { sessionApi } from '#libs/contracts';
import { type InProcessServices, startServices, testConfig } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { PATIENT } from '../ends/life.js';
import { lanyardAt } from './operators-terminal.js';

/** `lanyard apply`: the import of a running system, shown first. */
let services: InProcessServices;
let operator: Operator;
let lanyard: ReturnType<typeof lanyardAt>;
const folder = mkdtempSync(join(tmpdir(), 'lanyard-apply-'));
const { clients, users, ...rest } = testConfig({ settings: PATIENT });
beforeAll(async () => {
  services = await startServices({ config: { ...rest, clients, users }, services: ['auth', 'session', 'token'] });
  operator = new Operator(services);
  lanyard = lanyardAt(services.world.issuer);
}, 360_000);
afterAll(async () => {
  await services?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function file(config: object | string): string {
  const path = join(folder, 'lanyard.yaml');
  writeFileSync(path, typeof config === 'string' ? config : stringify(config));
  return path;
}

const SECRET = 'a new secret of the shop that must never be shown';
const changed = {
  ...rest,
  clients: clients
    .filter(({ client_id: id }) => id !== 'photo-book')
    .map((client) => (client.client_id === 'photo-shop' ? { ...client, client_name: 'The Shop', client_secret: SECRET } : client)),
  users: [
    ...users
      .filter(({ username }) => username !== 'john')
      .map((user) => ({ ...user, claims: { name: 'Jane Secretive' }, roles: ['owner'] })),
    { username: 'grace', password: 'a password that must never be shown' },
  ],
};

async function johnsSession(): Promise<string> {
  const [john] = (await ask('/users?search=john')).items as { sub: string }[];
  const how = { subject_gen: 0, remember: false, amr: ['pwd'], acr: null, cookie: null, ip: null, user_agent: null };
  const { session } = await services.world.call('auth', sessionApi.start, { sub: String(john?.sub), ...how });
  return session.sid;
}

const ask = async (path: string) => (await operator.call('auth', 'GET', `/admin${path}`)).body;
const rows = async () =>
  services.world.database.query(
    'SELECT client_id AS id, gen, metadata::text, updated_at::text FROM auth.client UNION ALL SELECT username, gen, claims::text, updated_at::text FROM auth.subject ORDER BY 1',
  );
const post = (route: 'plan' | 'apply', body: object) => operator.call('auth', 'POST', `/admin/configuration/${route}`, body);

test('without --yes and without a terminal the diff is printed, nothing changes, and the exit code says that changes are pending', async () => {
  const before = await rows();
  const { code, out, err } = await lanyard.run(['apply', file(changed)]);
  expect({ code, err }).toEqual({ code: 7, err: expect.stringContaining('Nothing was changed') });
  expect(out).toContain('~ client  photo-shop\n            client_name: "photo shop" → "The Shop"\n            client_secret: changed');
  expect(out).toMatch(/^- client {2}photo-book {2}leaves the file: disabled/m);
  expect(out).toMatch(/^\+ user {4}grace$/m);
  expect(out).toMatch(/^- user {4}john /m);
  expect(out).toMatch(/roles: \["editor"\] → \["owner"\]/);
  expect(out).not.toMatch(/must never be shown|Secretive/);
  expect(await rows()).toEqual(before);
});

test('with --yes exactly that is done, its ends are confirmed, and the audit names who did it; a second time there is nothing to do', async () => {
  const path = file(changed);
  const sid = await johnsSession();
  expect(await lanyard.json('apply', path, '--yes')).toMatchObject({ applied: true, confirmed: true, ended: 1, needs_restart: [] });
  expect(await services.world.database.query('SELECT state, end_reason FROM session.session WHERE sid = $1', [sid])).toEqual([
    { state: 'ended', end_reason: 'subject_disabled' },
  ]);
  expect(await ask('/clients/photo-book')).toMatchObject({ disabled: true, left_file: true });
  expect((await ask('/users?search=john')).items).toEqual([expect.objectContaining({ disabled: true, left_file: true })]);
  expect((await ask('/users?search=grace')).items).toEqual([expect.objectContaining({ origin: 'file', disabled: false })]);
  const { items } = await ask('/auth/audit?actor=client:admin-cli');
  const actions = (items as { action: string }[]).map(({ action }) => action);
  expect(actions).toEqual(
    expect.arrayContaining(['configuration.imported', 'client.updated', 'client.disabled', 'subject.created', 'subject.disabled']),
  );

  const after = await rows();
  expect(await lanyard.run(['apply', path])).toEqual({ code: 0, out: 'Nothing to do.\n', err: '' });
  expect(await lanyard.json('apply', path, '--yes')).toEqual({ applied: false, changes: [], needs_restart: [] });
  expect(await rows()).toEqual(after);
});

test('what has left comes back under a new generation, an API and its scopes are changes like others', async () => {
  const apis = [...rest.apis, { identifier: 'https://albums.example/api', scopes: { 'albums:read': 'See your albums' } }];
  const { changes } = await lanyard.json<{ changes: object[] }>('apply', file({ ...rest, apis, clients, users }), '--yes');
  expect(changes).toEqual(
    expect.arrayContaining([
      { kind: 'api', id: 'https://albums.example/api', change: 'created', members: [] },
      { kind: 'scope', id: 'albums:read', change: 'created', members: [] },
      { kind: 'client', id: 'photo-book', change: 'returned', members: [] },
      { kind: 'user', id: 'john', change: 'returned', members: [] },
      { kind: 'user', id: 'grace', change: 'left', members: [] },
    ]),
  );
  expect(await ask('/clients/photo-book')).toMatchObject({ disabled: false, gen: 2 });
  await lanyard.json('apply', file({ ...rest, clients, users }), '--yes');
});

test('settings that only a start reads are named, and not applied', async () => {
  const path = file({ ...rest, settings: { ...rest.settings, session_idle: 77 }, log_level: 'debug', clients, users });
  const { code, out } = await lanyard.run(['apply', path]);
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/only a start reads it: log_level, settings\.session_idle\./) });
});

describe('on a terminal it asks before it does anything', () => {
  const path = () => file({ ...rest, clients, users: [...users, { username: 'heidi', password: 'a password for heidi alone' }] });
  const heidis = async () => (await ask('/users?search=heidi')).items;

  it.each(['', 'n', 'no', 'yess', 'ay'])('%j changes nothing', async (answer) => {
    const { code, out } = await lanyard.onTerminal(['apply', path()], answer);
    expect({ code, out }).toEqual({
      code: 7,
      out: expect.stringMatching(/\+ user {4}heidi.*Apply this\? \[y\/N\] .*Nothing was changed/s),
    });
    expect(await heidis()).toEqual([]);
  });

  it('"Y" does what was shown', async () => {
    const { code, out } = await lanyard.onTerminal(['apply', path()], 'Y');
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/Apply this\? \[y\/N\] .*Applied; 0 sessions ended/s) });
    expect(await heidis()).toEqual([expect.objectContaining({ username: 'heidi' })]);
    await lanyard.json('apply', file({ ...rest, clients, users }), '--yes');
  });
});

describe('a text that a start would refuse is refused with the same sentences, and nothing is touched', () => {
  it.each([
    ['bad YAML', 'clients: [', /^lanyard\.yaml \(line 1\): /],
    [
      'an unknown member',
      { clients: [{ ...clients[0], redirect_urls: [] }] },
      /^lanyard\.yaml: clients\[0\]\.redirect_urls \(line \d+\): /,
    ],
    [
      'a scope that nobody declares',
      { clients: [{ ...clients[0], scope: 'nobody:knows' }] },
      /clients\[0\]\.scope .*no API declares nobody:knows/,
    ],
    [
      'the password grant',
      { clients: [{ ...clients[0], grant_types: ['authorization_code', 'password'] }] },
      /expected no password: .*RFC 9700/,
    ],
    ['an unknown section', { client: [] }, /^lanyard\.yaml: client \(line 1\): /],
    ['a key of the server as a secret', { clients: [{ ...clients[8], client_secret: `$${'{LANYARD_PEPPER}'}` }] }, /LANYARD_PEPPER/],
    ['nothing of a map', '- 1', /expected members such as/],
  ])('%s', async (_, config, sentence) => {
    const before = await rows();
    const { code, out, err } = await lanyard.run(['apply', file(config), '--yes']);
    expect({ code, out, err }).toEqual({ code: 1, out: '', err: expect.stringMatching(sentence) });
    expect((await post('apply', { text: typeof config === 'string' ? config : stringify(config), plan: 'made-up' })).status).toBe(400);
    expect(await rows()).toEqual(before);
  });

  it('more than a megabyte', async () => {
    const { code, err } = await lanyard.run(['apply', file(`# ${'x'.repeat(1_048_576)}\n`)]);
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^4\d\d: .*large/) });
  });
});

describe('what is applied is what was shown', () => {
  const text = stringify({ ...rest, clients, users: users.filter(({ username }) => username !== 'john') });
  const plan = async () => String((await post('plan', { text })).body.plan);

  it('of two who were shown the same, one applies it and the other is told that it is something else now', async () => {
    const shown = await plan();
    const answers = await Promise.all([post('apply', { text, plan: shown }), post('apply', { text, plan: shown })]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect((await ask('/users?search=john')).items).toEqual([expect.objectContaining({ gen: expect.any(Number), disabled: true })]);
    await post('apply', {
      text: stringify({ ...rest, clients, users }),
      plan: (await post('plan', { text: stringify({ ...rest, clients, users }) })).body.plan,
    });
  });

  it('a text that was changed after it was shown, and a row that was, are refused', async () => {
    const shown = await plan();
    expect((await post('apply', { text: `${text}\n# more\n`, plan: shown })).status).toBe(409);
    await services.world.database.query("UPDATE auth.subject SET roles = '{somebody}' WHERE username = 'john'");
    expect((await post('apply', { text, plan: shown })).status).toBe(409);
  });
});

test('who lacks an operator’s scope can’t give it to a client by a text, nor change a client that has it', async () => {
  const metadata = { application_type: 'service', grant_types: ['client_credentials'], scope: 'lanyard:configuration:write' };
  const made = await operator.call('auth', 'POST', '/admin/clients', { client_id: 'importer', metadata });
  const importer = new Operator(services, 'importer', String(made.body.client_secret));
  const apply = async (list: object[]) => {
    const text = stringify({ ...rest, clients: list, users });
    const { body } = await importer.call('auth', 'POST', '/admin/configuration/plan', { text });
    return importer.call('auth', 'POST', '/admin/configuration/apply', { text, plan: body.plan });
  };
  const mine = { client_id: 'mine', client_secret: SECRET, ...metadata };
  expect(await apply([...clients, { ...mine, scope: 'lanyard:keys:write' }])).toMatchObject({ status: 403 });
  expect(await apply(clients.map((one) => (one.client_id === 'admin-cli' ? { ...one, client_secret: SECRET } : one)))).toMatchObject({
    status: 403,
  });
  expect(await apply([...clients, mine])).toMatchObject({ status: 200 });
  expect(await importer.call('auth', 'GET', '/admin/users')).toMatchObject({ status: 403 });
});
