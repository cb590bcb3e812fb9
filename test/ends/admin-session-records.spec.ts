import { authApi, sessionApi } from '#libs/contracts';
import { type InProcessServices, startServices, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';

/** What operators do to sessions is on record or not done; what the session service gave up on is shown, and tried again. */
let services: InProcessServices;
let operator: Operator;
beforeAll(async () => {
  services = await startServices({ services: ['auth', 'session', 'token'] });
  operator = new Operator(services);
}, 360_000);
afterAll(() => services?.stop());

const ask = (method: 'GET' | 'POST', path: string, body?: unknown) => operator.call('session', method, path, body);
const query = (text: string, params: unknown[] = []) => services.world.database.query(text, params);
const start = async (sub = 'jane') => {
  const request = { sub, subject_gen: 1, remember: false, amr: ['pwd'], acr: null, cookie: null, ip: '192.0.2.1', user_agent: null };
  return (await services.world.call('auth', sessionApi.start, request)).session.sid;
};
const alive = async (sid: string) => (await services.world.call('auth', sessionApi.truth, { sid })).alive;

async function refusing(table: string, work: () => Promise<void>): Promise<void> {
  await query(`CREATE FUNCTION session.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the test'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON session.${table} FOR EACH ROW EXECUTE FUNCTION session.refuse()`);
  try {
    await work();
  } finally {
    await query('DROP FUNCTION session.refuse CASCADE');
  }
}

test('nothing is ended, replayed or shown that could not be audited', async () => {
  const sid = await start();
  await services.world.call('token', sessionApi.truth, { sid, participant: 'photo-shop' });
  await refusing('audit', async () => {
    for (const path of [`/admin/sessions/${sid}/end`, `/admin/sessions/${sid}/participants/photo-shop/end`]) {
      expect(await ask('POST', path)).toMatchObject({ status: 500, body: { error: 'server_error' } });
    }
    expect(await ask('POST', '/admin/sessions/end', { sids: [sid] })).toMatchObject({ status: 500 });
    for (const path of ['/admin/sessions', `/admin/sessions/${sid}`, '/admin/deliveries', '/admin/session/audit']) {
      const { status, body } = await ask('GET', path);
      expect([status, Object.keys(body).toSorted()]).toEqual([500, ['error', 'error_description']]);
    }
  });
  expect(await alive(sid)).toBe(true);
  expect(await query('SELECT left_at FROM session.participant WHERE sid = $1', [sid])).toEqual([{ left_at: null }]);
  expect(await query('SELECT FROM session.delivery WHERE sid = $1', [sid])).toEqual([]);
});

test('every call is on record, with who called and in which request; reading the record is, too', async () => {
  const sid = await start();
  await ask('GET', `/admin/sessions/${sid}`);
  await ask('POST', `/admin/sessions/${sid}/end`);
  const { status, body } = await ask('GET', `/admin/session/audit?target=${sid}`);
  expect(status).toBe(200);
  const acts = body.items as { action: string; actor: string; request_id: string }[];
  expect(acts.map(({ action, actor }) => [action, actor])).toEqual([
    ['session.ended', 'client:admin-cli'],
    ['session.read', 'client:admin-cli'],
    ['session.started', 'jane'],
  ]);
  expect(new Set(acts.map(({ request_id }) => request_id)).size).toBe(3);
  const first = (await ask('GET', '/admin/session/audit?limit=1&action=audit.read')).body;
  expect(first).toMatchObject({ items: [{ details: { target: sid, actor: null, count: 3 } }] });
});

test('an event that the session service gave up on is a dead letter, shown with its cause, and handed to its handler again', async () => {
  await refusing('handled_event', async () => {
    const sub = await subjectOf('john');
    await services.world.call('auth', authApi.setSubjectDisabled, { sub, disabled: true });
    await until(async () => (await letters()).length > 0, { what: 'a dead letter', timeoutMs: 20_000 });
  });
  const [letter] = await letters();
  expect(letter).toMatchObject({ source: 'auth', name: 'SubjectChanged', reason: 'handler_failed', replayed_at: null });
  expect(letter?.error).toContain('refused by the test');
  const replay = () => ask('POST', '/admin/sessions/dead-letters/replay', { ids: [letter?.id] });
  expect((await replay()).body).toEqual({ results: [{ id: letter?.id, replayed: true, error: null }] });
  expect(await query('SELECT FROM session.handled_event WHERE event_id = $1', [letter?.event_id])).toHaveLength(1);
  expect((await replay()).body).toEqual({ results: [{ id: letter?.id, replayed: false, error: 'replayed before' }] });
  expect((await ask('GET', '/admin/sessions/dead-letters?open=true')).body.items).toEqual([]);
  const { body } = await ask('GET', `/admin/session/audit?action=dead_letter.replayed`);
  expect(body.items).toMatchObject([{ actor: 'client:admin-cli', target: String(letter?.id), details: { name: 'SubjectChanged' } }]);
});

async function letters() {
  const { body } = await ask('GET', '/admin/sessions/dead-letters');
  return body.items as { id: number; event_id: string; error: string; replayed_at: number | null }[];
}

async function subjectOf(username: string): Promise<string> {
  const { body } = await operator.call('auth', 'GET', `/admin/users?search=${username}`);
  return String((body.items as { sub: string }[])[0]?.sub);
}
