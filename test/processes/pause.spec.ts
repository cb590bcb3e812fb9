import { execFileSync } from 'node:child_process';
import type { ServiceName } from '#libs/contracts';
import { sessionApi } from '#libs/contracts';
import { type SpawnedServices, until } from '#libs/testing';
import type { Answer } from '../actors/raw-client.js';
import { UserAgent } from '../actors/user-agent.js';
import { spawnWorld, type World } from '../world.js';

/**
 * Rule: a process stopped with SIGSTOP for longer than the bound and resumed answers nothing from before its pause; a request paused
 * between truth and minting gives no token that outlives the session's entry.
 */
let world: World<SpawnedServices>;
beforeAll(async () => {
  world = await spawnWorld();
}, 360_000);
afterAll(() => world?.close(), 180_000);

const BOUND_MS = 2_000;
const end = (sid: string) => world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });

async function signedIn() {
  const tokens = await world.tokensFor(new UserAgent(), world.shop, 'openid photos:read online_access');
  const { body } = await world.patient('gateway').introspect(tokens.access_token);
  return { tokens, sid: String(body.sid) };
}

/** Restarts a service so that it stops itself at a place; answers when it stands there. */
async function stopsAt(service: ServiceName, place: string, request: () => Promise<Answer>): Promise<{ answer: Promise<Answer> }> {
  await world.services.signal(service, 'SIGTERM');
  await world.services.restart(service, { LANYARD_STOP_AT: place });
  const answer = request();
  await until(() => isStopped(service), { what: `${service} stopped at ${place}` });
  return { answer };
}

function isStopped(service: ServiceName): boolean {
  return execFileSync('ps', ['-o', 'state=', '-p', String(world.services.pid(service))], { encoding: 'utf8' }).startsWith('T');
}

/** The pause itself is what the rule is about: nothing but time makes it long enough. */
async function passed(ms: number, since: number): Promise<void> {
  await until(() => performance.now() - since > ms, { timeoutMs: ms + 5_000 });
}

describe('the introspection service stopped for longer than the bound', () => {
  it('with a verdict reached and not sent: resumed, it does not send it', async () => {
    const { tokens, sid } = await signedIn();
    const { answer } = await stopsAt('introspect', 'introspect.before-send', () => world.raw('photos-api').introspect(tokens.access_token));
    const stopped = performance.now();
    expect(await end(sid)).toMatchObject({ ended: true, confirmed: false });
    await passed(BOUND_MS + 500, stopped);
    await world.services.signal('introspect', 'SIGCONT');
    const { status, body } = await answer;
    expect(body.active).not.toBe(true);
    expect([200, 503]).toContain(status);
    await until(async () => (await world.raw('photos-api').introspect(tokens.access_token)).body.active === false);
  }, 180_000);

  it('with requests waiting at its door: none of them is answered active after the end', async () => {
    const { tokens, sid } = await signedIn();
    await world.services.signal('introspect', 'SIGSTOP');
    await until(() => isStopped('introspect'));
    const stopped = performance.now();
    const waiting = Array.from({ length: 50 }, () => world.raw('photos-api').introspect(tokens.access_token));
    expect(await end(sid)).toMatchObject({ ended: true, confirmed: false });
    await passed(BOUND_MS + 500, stopped);
    await world.services.signal('introspect', 'SIGCONT');
    const answers = await Promise.all(waiting);
    expect(answers.filter(({ body }) => body.active === true)).toEqual([]);
    expect(answers.every(({ status }) => status === 200 || status === 503)).toBe(true);
  }, 180_000);

  it('recovers by itself', async () => {
    const { tokens } = await signedIn();
    await world.services.signal('introspect', 'SIGSTOP');
    const stopped = performance.now();
    await passed(BOUND_MS + 500, stopped);
    await world.services.signal('introspect', 'SIGCONT');
    await until(async () => await world.isActive(tokens.access_token).catch(() => false), { what: 'active again' });
  }, 180_000);
});

describe('the auth service stopped for longer than the bound', () => {
  it('with a userinfo answer reached and not sent: resumed, it does not send it', async () => {
    const { tokens, sid } = await signedIn();
    const { answer } = await stopsAt('auth', 'auth.userinfo.before-send', () => world.raw('photo-shop').userinfo(tokens.access_token));
    const stopped = performance.now();
    await end(sid).catch(() => undefined);
    await passed(BOUND_MS + 500, stopped);
    await world.services.signal('auth', 'SIGCONT');
    const { status, body } = await answer;
    expect(status).not.toBe(200);
    expect(body).not.toHaveProperty('sub');
    await until(async () => (await world.raw('photo-shop').userinfo(tokens.access_token)).status === 401);
  }, 180_000);
});

describe('the token service stopped between truth and minting', () => {
  it('for longer than the bound: whatever it mints then is refused like any other of the session', async () => {
    const { tokens, sid } = await signedIn();
    const { answer } = await stopsAt('token', 'token.refresh.after-truth', () => world.raw('photo-shop').refresh(tokens.refresh_token));
    const stopped = performance.now();
    expect(await end(sid)).toMatchObject({ ended: true });
    await passed(BOUND_MS + 500, stopped);
    await world.services.signal('token', 'SIGCONT');
    const { status, body } = await answer;
    if (status === 200) expect(await world.isActive(String(body.access_token))).toBe(false);
    else expect(['invalid_grant', 'temporarily_unavailable']).toContain(body.error);
  }, 180_000);

  it('for longer than a request may be old: it mints nothing', async () => {
    const { tokens } = await signedIn();
    const { answer } = await stopsAt('token', 'token.refresh.after-truth', () => world.raw('photo-shop').refresh(tokens.refresh_token));
    const stopped = performance.now();
    await passed(10_200, stopped);
    await world.services.signal('token', 'SIGCONT');
    expect(await answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect((await world.patient('photo-shop').refresh(tokens.refresh_token)).status).toBe(200);
  }, 180_000);

  it('after a code was exchanged and before its tokens were made: nothing outlives the session', async () => {
    const agent = new UserAgent();
    const first = await world.tokensFor(agent, world.shop, 'openid photos:read online_access');
    const sid = String((await world.patient('gateway').introspect(first.access_token)).body.sid);
    const { started, code } = await world.signInAt(agent, world.shop, 'openid photos:read online_access');
    const { answer } = await stopsAt('token', 'token.code.before-mint', () =>
      world.raw('photo-shop').exchange(code ?? '', started.verifier, world.shop.callback),
    );
    const stopped = performance.now();
    await end(sid);
    await passed(BOUND_MS + 500, stopped);
    await world.services.signal('token', 'SIGCONT');
    const { status, body } = await answer;
    if (status === 200) expect(await world.isActive(String(body.access_token))).toBe(false);
    else expect(status).toBeLessThan(504);
    await until(async () => (await liveGrants(sid)) === 0, { what: 'its grants are retired', timeoutMs: 20_000 });
  }, 180_000);
});

async function liveGrants(sid: string): Promise<number> {
  const [row] = await world.stand.database.query<{ live: string }>(
    'SELECT count(*) AS live FROM token.grants WHERE sid = $1 AND revoked_at IS NULL',
    [sid],
  );
  return Number(row?.live);
}
