import { sessionApi } from '#libs/contracts';
import { type InProcessServices, STORY, startServices, testConfig, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';

/** Who decides: the file about what it names, the API about what it made. Each start imports the file again. */
let services: InProcessServices;
let operator: Operator;
const { users, clients, ...rest } = testConfig();
beforeAll(async () => {
  services = await startServices({ config: { ...rest, users, clients }, services: ['auth', 'session', 'token'] });
  operator = new Operator(services);
}, 360_000);
afterAll(() => services?.stop());

const ask = (method: 'GET' | 'POST', path: string, body?: unknown) => operator.call('auth', method, `/admin${path}`, body);

async function restartWith(config: { users: unknown[]; clients: unknown[] }): Promise<void> {
  await services.stopOne('auth');
  services.world.writeConfig({ ...rest, ...config });
  await services.start('auth');
  await services.world.ready('auth');
}

async function byName(username: string): Promise<Record<string, unknown>> {
  const [user] = (await ask('GET', `/users?search=${username}`)).body.items as Record<string, unknown>[];
  return user ?? {};
}

const without = <T extends Record<string, unknown>>(list: readonly T[], key: string, name: string) =>
  list.filter((entry) => entry[key] !== name);

test('what left the file is disabled, and only by the file comes back; what the API made is left alone', async () => {
  await ask('POST', '/users', { username: 'of-the-api', password: 'a long enough password' });
  await ask('POST', '/clients', { client_id: 'of-the-api', metadata: { application_type: 'service', scope: 'photos:read' } });
  const john = await byName(STORY.john.username);
  const { session } = await services.world.call('auth', sessionApi.start, {
    sub: String(john.sub),
    subject_gen: 0,
    remember: false,
    amr: ['pwd'],
    acr: null,
    cookie: null,
    ip: null,
    user_agent: null,
  });

  await restartWith({ users: without(users, 'username', 'john'), clients: without(clients, 'client_id', 'photo-book') });
  expect(await byName('john')).toMatchObject({ origin: 'file', disabled: true, left_file: true, gen: 1 });
  expect((await ask('GET', '/clients/photo-book')).body).toMatchObject({ origin: 'file', disabled: true, left_file: true, gen: 1 });
  expect(await byName('of-the-api')).toMatchObject({ origin: 'api', disabled: false, gen: 0 });
  expect((await ask('GET', '/clients/of-the-api')).body).toMatchObject({ origin: 'api', disabled: false, gen: 0 });

  const ended = () =>
    services.world.database.query('SELECT end_reason FROM session.session WHERE sid = $1 AND state = $2', [session.sid, 'ended']);
  expect(await until(async () => (await ended())[0])).toEqual({ end_reason: 'subject_disabled' });
  const audit = await services.world.database.query("SELECT actor FROM session.audit WHERE action = 'session.ended' AND target = $1", [
    session.sid,
  ]);
  expect(audit).toEqual([{ actor: 'configuration' }]);
  const left = "SELECT actor, reason FROM auth.audit WHERE action IN ('client.disabled', 'subject.disabled')";
  const byFile = { actor: 'configuration', reason: 'configuration' };
  expect(await services.world.database.query(left)).toEqual([byFile, byFile]);

  const refused = 'This user left the configuration file, which alone can bring it back.';
  expect(await ask('POST', `/users/${john.sub}/enable`)).toMatchObject({ status: 409, body: { error_description: refused } });
  expect((await ask('POST', '/clients/photo-book/enable')).status).toBe(409);

  await restartWith({ users, clients });
  expect(await byName('john')).toMatchObject({ disabled: false, left_file: false, gen: 2 });
  expect((await ask('GET', '/clients/photo-book')).body).toMatchObject({ disabled: false, left_file: false, gen: 2 });
});

test('what an operator switched off stays off whatever the file says, and a password that was set stays set', async () => {
  const jane = await byName('jane');
  await ask('POST', `/users/${jane.sub}/password`, { password: 'not what the file says' });
  await ask('POST', `/users/${jane.sub}/disable`);
  await ask('POST', '/clients/photo-shop/disable');
  await restartWith({ users, clients });
  expect(await byName('jane')).toMatchObject({ disabled: true, left_file: false });
  expect((await ask('GET', '/clients/photo-shop')).body).toMatchObject({ disabled: true, left_file: false });
});

test('a file that names what the API made takes it over: its metadata and secrets, not the password', async () => {
  const mine = { client_id: 'taken-over', client_secret: 'the secret of the file, which is long enough', application_type: 'service' };
  await ask('POST', '/clients', { client_id: 'taken-over', metadata: { application_type: 'service', client_name: 'By API' } });
  await restartWith({ users, clients: [...clients, mine] });
  const { body } = await ask('GET', '/clients/taken-over');
  expect(body).toMatchObject({ origin: 'file', disabled: false, secrets: [{ created_at: null }] });
  expect(body.metadata).not.toHaveProperty('client_name');
  expect((await ask('POST', '/clients/taken-over/secrets')).status).toBe(409);
});
