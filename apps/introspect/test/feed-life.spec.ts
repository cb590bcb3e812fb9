import { randomId } from '#libs/database';
import { until } from '#libs/testing';
import type { RunningIntrospectApp } from '../src/app.js';
import { RawListener } from './raw-listener.js';
import { Running, SECRET } from './running.js';

const LONG = { timeoutMs: 30_000 };
const basic = (id: string) => `Basic ${Buffer.from(`${id}:${SECRET}`).toString('base64')}`;
const authorization = basic('photos-api');

let running: Running;
const open: RawListener[] = [];
beforeAll(async () => {
  running = await Running.start();
}, 60_000);
afterEach(() => {
  for (const listener of open.splice(0)) listener.close();
});
afterAll(() => running?.close());

async function listen(app: RunningIntrospectApp = running.app, lastEventId?: string, as = authorization): Promise<RawListener> {
  const listener = await RawListener.open(app.publicUrl, { authorization: as, ...(lastEventId ? { lastEventId } : {}) });
  open.push(listener);
  return listener;
}

describe('the places for listeners', () => {
  it('are counted: the next one is answered 503 with Retry-After, until one leaves', async () => {
    const small = await running.instance({ feed: { maxListeners: 2 } });
    try {
      const [first, second] = [await listen(small), await listen(small)];
      await Promise.all([first.caughtUp(), second.caughtUp()]);
      const third = await listen(small);
      expect(third.status).toBe(503);
      expect(third.response.headers['retry-after']).toBe('5');
      first.close();
      await until(async () => (await listen(small)).status === 200, LONG);
    } finally {
      await small.close();
    }
  }, 60_000);

  it('are shared: one client alone gets three quarters of them, and another one still finds a place', async () => {
    running.register('prints-api', { application_type: 'service', grant_types: [], resource_server_for: ['https://prints.example/api'] });
    const small = await running.instance({ feed: { maxListeners: 8 } });
    try {
      const statuses: number[] = [];
      for (let n = 0; n < 8; n++) statuses.push((await listen(small)).status);
      expect(statuses).toEqual([200, 200, 200, 200, 200, 200, 503, 503]);
      expect((await listen(small, undefined, basic('prints-api'))).status).toBe(200);
      open[0]?.close();
      await until(async () => (await listen(small)).status === 200, LONG);
    } finally {
      await small.close();
    }
  }, 60_000);
});

describe('a process that is shut down', () => {
  it('sends its listeners elsewhere with a word when, and they resume there', async () => {
    const leaving = await running.instance();
    const listener = await listen(leaving);
    await listener.caughtUp();
    const closed = leaving.close();
    await until(() => listener.ended, LONG);
    expect(listener.events.at(-1)).toMatchObject({ event: 'leaving', data: { reason: 'leaving' } });
    expect(listener.retryMs).toBeGreaterThanOrEqual(250);
    expect(listener.retryMs).toBeLessThan(1_500);
    await closed;
    const elsewhere = await listen(running.app, listener.lastEventId);
    await elsewhere.caughtUp();
    expect(elsewhere.opening?.data).toMatchObject({ resumed: true });
  }, 60_000);
});

describe('while Postgres is away', () => {
  it('nothing is proven and probes are answered 503; the stream stays, and goes on with what was committed meanwhile', async () => {
    const listener = await listen();
    await listener.caughtUp();
    const before = randomId();
    await running.owners.revoke('session', { kind: 'session', id: before });
    await until(() => listener.has('session', before), LONG);
    await running.database.query(`REVOKE CONNECT ON DATABASE ${running.database.name} FROM lanyard_log`);
    const ask = () => fetch(`${running.app.publicUrl}/revocations/probe`, { method: 'POST', headers: { authorization } });
    try {
      await running.database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lanyard_log' AND datname = current_database()",
      );
      await until(async () => {
        const answer = await ask();
        return answer.status === 503 && answer.headers.get('retry-after') === '1';
      }, LONG);
      const shown = listener.proofs.at(-1)?.data.sources.session.ticket;
      expect((await ask()).status).toBe(503);
      expect(listener.proofs.at(-1)?.data.sources.session.ticket).toBe(shown);
      const late = await listen();
      await until(() => late.has('session', before), LONG);
      expect(listener.ended).toBe(false);
    } finally {
      await running.database.query(`GRANT CONNECT ON DATABASE ${running.database.name} TO lanyard_log`);
    }
    const meanwhile = randomId();
    await running.owners.revoke('session', { kind: 'session', id: meanwhile });
    await until(() => listener.has('session', meanwhile), LONG);
    await until(async () => (await ask()).status === 200, LONG);
  }, 90_000);
});
