import { until } from '#libs/testing';
import { InternalClient, Readiness } from '../src/index.js';
import { Caller, Doors, double, start } from './doors.js';

const DRAIN_DELAY_MS = 1_000;

describe('a process that was told to end, with LANYARD_DRAIN_DELAY', () => {
  it('says first that it is unready and serves everything, then closes its listeners', async () => {
    const session = await start('session', Doors, undefined, new Readiness(), { drainDelayMs: DRAIN_DELAY_MS });
    const auth = await start('auth', Caller, session.internalUrl);
    const { publicUrl } = session;
    const began = performance.now();
    const closing = session.close();
    const health = await fetch(`${session.internalUrl}/health/ready`);
    expect([health.status, await health.json()]).toMatchObject([503, { reasons: [{ name: 'serving', ok: false }] }]);
    const answer = await fetch(`${publicUrl}/health/live`);
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close']);
    expect(await auth.app.get(InternalClient).call(double, { n: 2 })).toMatchObject({ n: 4 });
    await until(
      () =>
        fetch(`${publicUrl}/health/live`).then(
          () => false,
          () => true,
        ),
      { what: 'it listens no more' },
    );
    expect(performance.now() - began).toBeGreaterThanOrEqual(DRAIN_DELAY_MS);
    await closing;
    await auth.close();
  });
});
