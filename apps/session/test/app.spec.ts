import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { sessionApi } from '#libs/contracts';
import { createTestDatabase, LogoutReceiver, type TestDatabase, TimeMachine, until } from '#libs/testing';
import { createSessionApp, type RunningSessionApp } from '../src/app.js';
import { asked, authPublisher, configOf, type Neighbour, neighbour } from './neighbours.js';

describe('the session service, whole, over its internal API', () => {
  let database: TestDatabase;
  let session: RunningSessionApp;
  let auth: Neighbour;
  let token: Neighbour;
  let publisher: Awaited<ReturnType<typeof authPublisher>>;
  let receiver: LogoutReceiver;
  const urls = { auth: 'http://127.0.0.1:9', token: 'http://127.0.0.1:9', session: 'http://127.0.0.1:9', introspect: 'http://127.0.0.1:9' };

  beforeAll(async () => {
    database = await createTestDatabase();
    publisher = await authPublisher(database);
    auth = await neighbour('auth', database, urls);
    token = await neighbour('token', database, urls);
    session = await createSessionApp(configOf('session', database, urls));
    urls.session = session.internalUrl;
    receiver = await LogoutReceiver.start();
    asked.clients.set('shop', { backchannel_logout_uri: receiver.url });
  });
  afterAll(async () => {
    await session.close();
    await Promise.all([auth.http.close(), token.http.close(), publisher.close(), receiver.close()]);
    await database.drop();
  });

  const signIn = (sub = 'jane', cookie: string | null = null, subject_gen = 1) =>
    auth.client.call(sessionApi.start, { sub, subject_gen, remember: false, amr: ['pwd'], acr: null, cookie, ip: null, user_agent: null });
  const truth = (sid: string, participant: string | null = null) => token.client.call(sessionApi.truth, { sid, participant });
  const end = (sid: string) => auth.client.call(sessionApi.end, { sid, reason: 'logout', initiated_by: 'user', actor: 'jane' });

  it('is ready, with its reasons, and serves nothing internal on the public listener', async () => {
    const ready = await until(async () => {
      const response = await fetch(`${session.publicUrl}/health/ready`);
      return response.status === 200 && ((await response.json()) as { reasons: { name: string; ok: boolean }[] });
    });
    expect(ready.reasons).toContainEqual(expect.objectContaining({ name: 'log', ok: true }));
    const hidden = await fetch(`${session.publicUrl}${sessionApi.truth.path}`, { method: 'POST', body: '{}' });
    expect(hidden.status).toBe(404);
  });

  it('starts, answers truth, records the participant, ends, and the participant gets its logout token', async () => {
    const started = await signIn();
    const { sid } = started.session;
    expect(await auth.client.call(sessionApi.byCookie, { cookie: started.cookie })).toMatchObject({ alive: true, session: { sid } });
    expect(await truth(sid, 'shop')).toMatchObject({ alive: true, touch_due: false });
    expect(await token.client.call(sessionApi.touch, { sid })).toMatchObject({ alive: true });
    expect(await auth.client.call(sessionApi.list, { sub: 'jane' })).toMatchObject({ sessions: [{ sid }] });
    expect(await end(sid)).toMatchObject({ ended: true, confirmed: true });
    expect(await truth(sid)).toMatchObject({ alive: false });
    const [sent] = await receiver.received(1);
    const claims = JSON.parse(Buffer.from(sent?.logoutToken.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;
    expect(claims).toMatchObject({ sid, sub: 'jane', aud: 'shop' });
    await until(async () => (await database.query("SELECT FROM session.delivery WHERE state = 'delivered'")).length === 1);
  });

  it('lets only the services of the contract call, and says where a body is wrong', async () => {
    const refused = token.client.call(
      { ...sessionApi.start, callers: [] },
      {
        sub: 'jane',
        subject_gen: 1,
        remember: false,
        amr: [],
        acr: null,
        cookie: null,
        ip: null,
        user_agent: null,
      },
    );
    await expect(refused).rejects.toMatchObject({ kind: 'refused', status: 403 });
    const nameless = await fetch(`${session.internalUrl}${sessionApi.truth.path}`, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    expect(nameless.status).toBe(401);
  });

  it('reaps at the deadline, without anybody asking', async () => {
    const time = new TimeMachine(database);
    const { session: row } = await signIn('reaped');
    await time.freezeAt(row.idle_deadline);
    expect(await truth(row.sid)).toMatchObject({ alive: false });
    const ended = await until(async () => {
      const [found] = await database.query<{ body: unknown }>(
        "SELECT body FROM session.outbox WHERE name = 'SessionEnded' AND key = $1 AND pseq IS NOT NULL",
        [row.sid],
      );
      return found?.body;
    });
    expect(ended).toMatchObject({ reason: 'idle_timeout', ended_at: row.idle_deadline });
    await time.reset();
  });

  it('answers 503 while the database refuses, says so in /health/ready, and recovers by itself', async () => {
    const { session: row } = await signIn('patient');
    const reasons = async () =>
      ((await (await fetch(`${session.publicUrl}/health/ready`)).json()) as { reasons: { name: string; ok: boolean }[] }).reasons;
    await database.query(`ALTER DATABASE ${database.name} CONNECTION LIMIT 0`);
    try {
      await database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lanyard_session' AND datname = current_database()",
      );
      await until(async () => (await reasons()).some(({ name, ok }) => name === 'database' && !ok));
      await expect(truth(row.sid)).rejects.toMatchObject({ kind: 'unavailable' });
    } finally {
      await database.query(`ALTER DATABASE ${database.name} CONNECTION LIMIT -1`);
    }
    await until(async () => (await truth(row.sid)).alive);
  });

  it('hears over the log that a subject was disabled, ends its sessions, and refuses a login by the old record', async () => {
    const { session: row } = await signIn('mallory');
    await publisher.subjectDisabled('mallory', 2);
    await until(async () => !(await truth(row.sid)).alive);
    await expect(signIn('mallory', null, 1)).rejects.toMatchObject({ kind: 'refused', status: 403, code: 'access_denied' });
    await until(() => asked.passed.some((position) => position > 0));
  });

  it('confirms an end when every registered view answered, and says so when one did not', async () => {
    const register = (view_id: string, address: string) =>
      token.client.call(sessionApi.registerView, { view_id, address, service: 'token' });
    expect(await register('view-1', token.http.internalUrl)).toEqual({ lease_ms: 2_000 });
    const first = await signIn();
    expect(await end(first.session.sid)).toMatchObject({ confirmed: true });
    expect(asked.hints).toContain(first.session.sid);

    const silent = await silentListener();
    await register('view-2', silent.url);
    const second = await signIn();
    expect(await end(second.session.sid)).toMatchObject({ ended: true, confirmed: false });
    silent.close();

    await token.client.call(sessionApi.unregisterView, { view_id: 'view-2' });
    const third = await signIn();
    expect(await end(third.session.sid)).toMatchObject({ confirmed: true });
  });

  it('counts a lapsed view until its address refuses, then forgets it; after a minute in any case', async () => {
    const time = new TimeMachine(database);
    // The service's own view is in its registry as well, and is told without a call.
    const views = async () =>
      (await token.client.call(sessionApi.listViews, {})).views.filter(({ address }) => address !== session.internalUrl);
    await token.client.call(sessionApi.registerView, { view_id: 'gone', address: 'http://127.0.0.1:9', service: 'introspect' });
    expect(await views()).toContainEqual({ view_id: 'gone', address: 'http://127.0.0.1:9', lapsed: false });
    await token.client.call(sessionApi.registerView, { view_id: 'view-1', address: token.http.internalUrl, service: 'token' });
    const held = await signIn();
    expect(await end(held.session.sid)).toMatchObject({ confirmed: false });
    await time.advance(2_001);
    await token.client.call(sessionApi.registerView, { view_id: 'view-1', address: token.http.internalUrl, service: 'token' });
    expect(await views()).toContainEqual(expect.objectContaining({ view_id: 'gone', lapsed: true }));
    const next = await signIn();
    expect(await end(next.session.sid)).toMatchObject({ confirmed: true });
    expect(await views()).toEqual([{ view_id: 'view-1', address: token.http.internalUrl, lapsed: false }]);
    await time.advance(62_001);
    expect(await views()).toEqual([]);
    expect(await database.query("SELECT FROM session.view WHERE service <> 'session'")).toEqual([]);
    await time.reset();
  });
});

/** Takes connections and never says anything. */
async function silentListener(): Promise<{ url: string; close(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}
