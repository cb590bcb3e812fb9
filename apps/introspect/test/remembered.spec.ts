import { Pepper } from '#libs/database';
import { until } from '#libs/testing';
import { PHOTOS, Running, SECRET } from './running.js';

/** What is remembered of tokens and callers says nothing about whether they still hold: each is asked about, so that it is remembered, and again. */
let running: Running;
beforeAll(async () => {
  running = await Running.start();
}, 120_000);
afterAll(() => running?.close());

const PATIENT = { timeoutMs: 20_000 };
const SERVICE = { application_type: 'service', grant_types: [], resource_server_for: [PHOTOS] };
const basic = (id: string, secret = SECRET) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

async function introspect(token: string, authorization: string) {
  const body = new URLSearchParams({ token });
  const response = await fetch(`${running.app.publicUrl}/introspect`, { method: 'POST', body, headers: { authorization } });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** 503 says "ask again": a stalled machine's view is not fresh for a moment. */
const verdictOn = (token: string, authorization = basic('photos-api')) =>
  until(
    async () => {
      const answer = await introspect(token, authorization);
      return answer.status !== 503 && answer;
    },
    { ...PATIENT, what: 'a verdict' },
  );
const active = async (token: string) => (await verdictOn(token)).body.active;

describe.each(['opaque', 'jwt'] as const)('a remembered token (%s)', (form) => {
  it('is inactive once its session has ended', async () => {
    const claims = running.claims();
    const token = running[form](claims);
    expect(await active(token)).toBe(true);
    await running.owners.revoke('session', { kind: 'session', id: claims.sid ?? '' });
    await until(async () => (await active(token)) === false, PATIENT);
    expect((await verdictOn(token)).body).toEqual({ active: false });
  });

  it('is inactive once it has expired by the owner’s clock', async () => {
    const token = running[form](running.claims({ exp: Math.floor(Date.now() / 1_000) + 3 }));
    await verdictOn(token);
    await until(async () => (await active(token)) === false, PATIENT);
  });

  it('is not told to another caller that has no business with it', async () => {
    running.register('other-api', { ...SERVICE, resource_server_for: ['https://other.example'] });
    const token = running[form](running.claims());
    expect(await active(token)).toBe(true);
    expect((await verdictOn(token, basic('other-api'))).body).toEqual({ active: false });
    expect(await active(token)).toBe(true);
  });

  it('is nothing once its key was revoked, and the next key’s tokens are told', async () => {
    const token = running[form](running.claims());
    expect(await active(token)).toBe(true);
    const revoked = await running.replaceKey(form);
    await running.owners.revoke('token', { kind: 'key', id: revoked });
    await until(async () => (await active(token)) === false, PATIENT);
    const next = running[form](running.claims());
    await until(async () => (await active(next)) === true, PATIENT);
  });
});

describe('a recognised caller', () => {
  it('is refused with its old secret, and let in with the new one, as soon as the change is known', async () => {
    running.register('rotating', SERVICE);
    const token = running.opaque(running.claims());
    expect((await verdictOn(token, basic('rotating'))).status).toBe(200);
    const secrets = [{ hash: new Pepper(running.pepper).mac('client_secret', `${SECRET}-new`), weak: false }];
    running.register('rotating', SERVICE, { secrets });
    // the record's own generation refuses nothing; it says that something has changed
    await running.owners.revoke('auth', { kind: 'client', id: 'rotating', gen: 1 });
    await until(async () => (await verdictOn(token, basic('rotating'))).status === 401, PATIENT);
    expect((await verdictOn(token, basic('rotating', `${SECRET}-new`))).body.active).toBe(true);
  });

  it('is refused once its client is disabled', async () => {
    running.register('leaving', SERVICE);
    const token = running.opaque(running.claims());
    expect((await verdictOn(token, basic('leaving'))).status).toBe(200);
    await running.owners.revoke('auth', { kind: 'client', id: 'leaving', gen: 2 });
    await until(async () => (await verdictOn(token, basic('leaving'))).status === 401, PATIENT);
  });

  it('sees less once it is a resource server for less', async () => {
    running.register('shrinking', SERVICE);
    const token = running.opaque(running.claims());
    expect((await verdictOn(token, basic('shrinking'))).body.active).toBe(true);
    running.register('shrinking', { ...SERVICE, resource_server_for: ['https://other.example'] });
    await running.owners.revoke('auth', { kind: 'client', id: 'shrinking', gen: 1 });
    await until(async () => (await verdictOn(token, basic('shrinking'))).body.active === false, PATIENT);
  });
});
