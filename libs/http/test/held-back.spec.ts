import { InternalClient, Readiness } from '../src/index.js';
import { Caller, Doors, double, start } from './doors.js';

const refused = { error: 'temporarily_unavailable', error_description: 'Temporarily unavailable; try again.' };

describe('a service whose set-up has not passed yet', () => {
  it('answers the public 503 with Retry-After, health excepted, until it has passed once; what fails later is no set-up', async () => {
    const readiness = new Readiness();
    readiness.holdBack('log', 'the log is away');
    const session = await start('session', Doors, undefined, readiness);
    const auth = await start('auth', Caller, session.internalUrl);
    const post = (path: string, headers = {}) =>
      fetch(`${session.publicUrl}${path}`, { method: 'POST', body: new URLSearchParams({ a: 'b' }), headers });
    const form = async () => (await post('/form')).status;

    const answer = await post('/form', { origin: 'https://spa.example' });
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([503, '1', refused]);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://spa.example');
    expect((await fetch(`${session.publicUrl}/query?a=b`)).status).toBe(503);
    expect((await fetch(`${session.publicUrl}/health/live`)).status).toBe(200);
    const health = await fetch(`${session.publicUrl}/health/ready`);
    expect([health.status, await health.json()]).toEqual([
      503,
      { status: 'not ready', reasons: [{ name: 'log', ok: false, reason: 'the log is away' }] },
    ]);
    expect((await fetch(`${session.internalUrl}/metrics`)).status).toBe(200);
    await expect(auth.app.get(InternalClient).call(double, { n: 2 })).rejects.toMatchObject({ kind: 'unavailable' });

    readiness.set('log', true);
    expect(await form()).toBe(201);
    readiness.set('log', false, 'the log went away');
    expect(await form()).toBe(201);
    await auth.close();
    await session.close();
  });
});
