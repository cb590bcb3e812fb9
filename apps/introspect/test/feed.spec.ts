import { randomId } from '#libs/database';
import { until } from '#libs/testing';
import type { RunningIntrospectApp } from '../src/app.js';
import { type Asking, RawListener } from './raw-listener.js';
import { PHOTOS, Running, SECRET } from './running.js';

const LONG = { timeoutMs: 20_000 };
const SERVICE = { application_type: 'service', grant_types: [] };

let running: Running;
let other: RunningIntrospectApp;
const open: RawListener[] = [];
beforeAll(async () => {
  running = await Running.start();
  other = await running.instance();
}, 60_000);
afterEach(() => {
  for (const listener of open.splice(0)) listener.close();
});
afterAll(async () => {
  await other?.close();
  await running?.close();
});

const basic = (id: string, secret = SECRET) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

async function listen(asking: Asking = {}, app: RunningIntrospectApp = running.app): Promise<RawListener> {
  const listener = await RawListener.open(app.publicUrl, { authorization: basic('photos-api'), ...asking });
  open.push(listener);
  return listener;
}

async function caughtUp(asking: Asking = {}, app: RunningIntrospectApp = running.app): Promise<RawListener> {
  const listener = await listen(asking, app);
  await listener.caughtUp();
  return listener;
}

async function probe(authorization = basic('photos-api'), app: RunningIntrospectApp = running.app) {
  const response = await fetch(`${app.publicUrl}/revocations/probe`, { method: 'POST', headers: { authorization } });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

/** Revoked, and in the set of this instance. */
async function ended(id = randomId()): Promise<string> {
  const watcher = await caughtUp();
  await running.owners.revoke('session', { kind: 'session', id });
  await until(() => watcher.has('session', id), LONG);
  watcher.close();
  return id;
}

/** Its position covers everything that was committed: the place of the first proof that does. */
function numbered(listener: RawListener): Promise<number> {
  return until(async () => {
    const rows = await running.database.query<{ last: string }>(
      "SELECT string_agg(last_pseq::text, ',' ORDER BY partition) AS last FROM session.outbox_partition WHERE stream = 'revocations'",
    );
    const open = await running.database.query("SELECT FROM session.outbox WHERE stream = 'revocations' AND pseq IS NULL");
    const covers = new RegExp(`session:[^:]*:${rows[0]?.last};`);
    const place = listener.events.findIndex(({ event, id }) => event === 'proof' && covers.test(`${id};`));
    return open.length === 0 && place !== -1 ? { place } : null;
  }, LONG).then(({ place }) => place);
}

describe('a resource server that begins to listen', () => {
  it('is given all of the horizon, and then a proof that carries the position', async () => {
    const ids = [randomId(), randomId()];
    await running.owners.revoke('session', ...ids.map((id) => ({ kind: 'session', id }) as const));
    await running.owners.revoke('token', { kind: 'grant', id: 'g-1' }, { kind: 'token', id: 't-1' }, { kind: 'key', id: 'k-1' });
    await running.owners.revoke('auth', { kind: 'subject', id: 'u-1', gen: 4 }, { kind: 'client', id: 'c-1', gen: 3 });
    await ended();
    const listener = await listen();
    await until(async () => (await listener.caughtUp()) && listener.has('client', 'c-1'), LONG);
    expect(listener.status).toBe(200);
    expect(listener.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    expect(listener.opening?.data).toEqual({ version: 1, resumed: false, horizon_ms: 4_200_000, bound_ms: 2_000 });
    for (const id of ids) expect(listener.has('session', id)).toBe(true);
    for (const [kind, id] of [
      ['grant', 'g-1'],
      ['token', 't-1'],
      ['key', 'k-1'],
      ['subject', 'u-1'],
    ] as const) {
      await until(() => listener.has(kind, id), LONG);
    }
    const proof = await listener.caughtUp();
    expect(proof.id).toMatch(/^(session|token|auth):[\w-]{16}:[\d,]+;/);
    expect(Object.keys(proof.data.sources).sort()).toEqual(['auth', 'session', 'token']);
  });

  it('learns no id of anybody: fingerprints and generations only', async () => {
    await running.owners.revoke('auth', { kind: 'subject', id: 'jane-doe', gen: 2 });
    const live = await caughtUp();
    await until(() => live.has('subject', 'jane-doe'), LONG);
    const later = await caughtUp();
    expect(later.has('subject', 'jane-doe')).toBe(true);
    for (const { events } of [live, later]) expect(JSON.stringify(events)).not.toMatch(/jane|doe/);
  });

  it('hears of an end within milliseconds, before the proof that covers it', async () => {
    const listener = await caughtUp();
    const took: number[] = [];
    for (let n = 0; n < 10; n++) {
      const id = randomId();
      const committed = performance.now();
      await running.owners.revoke('session', { kind: 'session', id });
      const told = await until(() => (listener.has('session', id) ? listener.events.at(-1) : null), { ...LONG, everyMs: 1 });
      took.push(told.at - committed);
      expect(listener.broughtBy('session', id)).toBeLessThan(await numbered(listener));
    }
    // The log is read every 200 ms and when it moves; a machine that stalls delays some, not all.
    expect(Math.min(...took)).toBeLessThan(150);
  });
});

describe('a stream that broke off', () => {
  it('is resumed on another instance: what was missed comes, and nothing else', async () => {
    const before = await ended();
    const first = await caughtUp();
    const there = await caughtUp({}, other);
    await until(() => first.has('session', before) && there.has('session', before), LONG);
    await Promise.all([numbered(first), numbered(there)]);
    const at = first.lastEventId ?? '';
    first.close();
    const missed = await ended();
    const second = await caughtUp({ lastEventId: at }, other);
    expect(second.opening?.data).toMatchObject({ resumed: true });
    await until(() => second.has('session', missed), LONG);
    expect(second.has('session', before)).toBe(false);
  });

  it.each([
    ['garbage', 'no position'],
    ['an empty one', ''],
    ['bytes of another alphabet', 'session:ÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ:1'],
    ['100 kB would be too long for a header, 10 kB of numbers', `session:aaaaaaaaaaaaaaaa:${'1,'.repeat(5_000)}1`],
    ['one source alone', 'session:aaaaaaaaaaaaaaaa:1'],
    ['one of another lineage', ['session', 'token', 'auth'].map((name) => `${name}:aaaaaaaaaaaaaaaa:1`).join(';')],
  ])('is given a new snapshot for %s as Last-Event-ID, and told so', async (_what, lastEventId) => {
    const id = await ended();
    const listener = await caughtUp({ lastEventId });
    expect(listener.opening?.data).toMatchObject({ resumed: false, reason: expect.stringMatching(/position|epoch/) });
    expect(listener.has('session', id)).toBe(true);
  });
});

describe('a probe', () => {
  it('is answered by tickets that were drawn after it, on any instance, and the stream shows them or later ones', async () => {
    const listener = await caughtUp();
    const shown = listener.proofs.at(-1)?.data.sources as Record<string, { epoch: string; ticket: number }>;
    const { status, body } = await probe(undefined, other);
    expect(status).toBe(200);
    const sources = body.sources as Record<string, { epoch: string; ticket: number; db_time: number }>;
    for (const [name, { epoch, ticket }] of Object.entries(sources)) {
      expect(epoch).toBe(shown[name]?.epoch);
      expect(ticket).toBeGreaterThan(shown[name]?.ticket ?? Number.NaN);
    }
    await until(() => {
      const latest = listener.proofs.at(-1)?.data.sources as typeof sources;
      return Object.entries(sources).every(([name, { ticket }]) => (latest[name]?.ticket ?? 0) >= ticket);
    }, LONG);
  });

  it('is refused to whoever may not listen', async () => {
    expect(await probe(basic('photos-api', 'wrong'))).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await probe(basic('photo-shop'))).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
  });
});

describe('who may listen', () => {
  it.each([
    ['nobody', {}, 401],
    ['a wrong secret', { authorization: basic('photos-api', 'wrong') }, 401],
    ['an unknown client', { authorization: basic('nobody') }, 401],
    ['a Bearer token', { authorization: 'Bearer x' }, 401],
    ['a client that no token is meant for', { authorization: basic('photo-shop') }, 400],
  ] as [string, Asking, number][])('not %s', async (_who, asking, status) => {
    const listener = await RawListener.open(running.app.publicUrl, asking);
    open.push(listener);
    expect(listener.status).toBe(status);
    expect(listener.response.headers['content-type']).toMatch(/^application\/json/);
  });

  it('a client registered with client_secret_post, by a form', async () => {
    running.register('poster', { ...SERVICE, resource_server_for: [PHOTOS], token_endpoint_auth_method: 'client_secret_post' });
    const listener = await RawListener.open(running.app.publicUrl, { form: { client_id: 'poster', client_secret: SECRET } });
    open.push(listener);
    await listener.caughtUp();
    expect(listener.status).toBe(200);
  });

  it('no public client, whatever it is registered for', async () => {
    running.register('viewer', {
      application_type: 'browser',
      redirect_uris: ['http://localhost:1/cb'],
      scope: 'openid online_access',
      resource_server_for: ['*'],
    });
    const listener = await RawListener.open(running.app.publicUrl, { form: { client_id: 'viewer' } });
    open.push(listener);
    expect(listener.status).toBe(400);
  });

  it('not one whose client is disabled while it listens: its stream ends, and it is refused', async () => {
    running.register('leaving', { ...SERVICE, resource_server_for: [PHOTOS] });
    const listener = await caughtUp({ authorization: basic('leaving') });
    const stays = await caughtUp();
    running.register('leaving', { ...SERVICE, resource_server_for: [PHOTOS] }, { disabled: true, gen: 2 });
    await running.owners.revoke('auth', { kind: 'client', id: 'leaving', gen: 2 });
    await until(() => listener.ended, LONG);
    expect(listener.events.at(-1)).toMatchObject({ event: 'leaving', data: { reason: 'client_changed' } });
    expect((await listen({ authorization: basic('leaving') })).status).toBe(401);
    expect(stays.ended).toBe(false);
  });
});
