import { sessionApi } from '#libs/contracts';
import { type SpawnedServices, until } from '#libs/testing';
import { verifyLogoutToken } from '../actors/logout-token.js';
import type { TokenSet } from '../actors/raw-client.js';
import { UserAgent } from '../actors/user-agent.js';
import { spawnWorld, type World } from '../world.js';

/**
 * Rule: killing any of the four processes with -9 in the middle of the story and starting it again completes the cascade: every token
 * dead, every grant retired, every client told.
 */
let world: World<SpawnedServices>;
beforeAll(async () => {
  world = await spawnWorld();
}, 360_000);
afterAll(() => world?.close(), 180_000);

interface SignedIn {
  sid: string;
  shop: TokenSet;
  book: TokenSet;
  told: number[];
}

async function signedIn(): Promise<SignedIn> {
  const agent = new UserAgent();
  const shop = await world.tokensFor(agent, world.shop, 'openid photos:read online_access');
  const book = await world.tokensFor(agent, world.book, 'openid photos:read online_access');
  const { body } = await world.patient('gateway').introspect(shop.access_token);
  return { sid: String(body.sid), shop, book, told: RECEIVERS.map((name) => world.receivers[name].deliveries.length) };
}

const CLAIM_MS = 31_000;
const RECEIVERS = ['photo-shop', 'photo-book'] as const;
const end = (sid: string) => world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });

/** With whatever was killed running again: the whole cascade, and nothing of it too often. */
async function expectCascadeComplete({ sid, shop, book, told }: SignedIn): Promise<void> {
  for (const { access_token } of [shop, book])
    await until(async () => !(await world.isActive(access_token)), { what: 'access token inactive' });
  expect((await world.patient('photo-shop').refresh(shop.refresh_token)).body.error).toBe('invalid_grant');
  expect((await world.patient('photo-book').refresh(book.refresh_token)).body.error).toBe('invalid_grant');
  expect((await world.patient('photo-shop').userinfo(shop.access_token)).status).toBe(401);
  await until(async () => (await liveGrants(sid)) === 0, { what: 'the token service has retired the grants', timeoutMs: 20_000 });
  // what a killed process had claimed is free again when its claim has lapsed, by the database's clock
  if ((await world.openDeliveries()) > 0) await world.advance(CLAIM_MS);
  for (const [index, name] of RECEIVERS.entries()) {
    const before = told[index] ?? 0;
    const mine = (await world.receivers[name].received(before + 1, { timeoutMs: 30_000 })).slice(before);
    for (const { logoutToken } of mine) {
      const token = await verifyLogoutToken(logoutToken, { issuer: world.issuer, clientId: name, jwksUri: world.metadata.jwks_uri });
      expect(token.sid).toBe(sid);
    }
  }
  await world.everybodyTold();
  const events = await world.stand.database.query("SELECT 1 FROM session.outbox WHERE name = 'SessionEnded' AND key = $1", [sid]);
  expect(events).toHaveLength(1);
}

async function liveGrants(sid: string): Promise<number> {
  const [row] = await world.stand.database.query<{ live: string }>(
    'SELECT count(*) AS live FROM token.grants WHERE sid = $1 AND revoked_at IS NULL',
    [sid],
  );
  return Number(row?.live);
}

/** Starts a service again with a trap armed, so that it dies at that place and nowhere else. */
async function armed(service: 'session' | 'token' | 'auth' | 'introspect', place: string): Promise<void> {
  await world.services.signal(service, 'SIGKILL');
  await world.services.restart(service, { LANYARD_CRASH_AT: place });
}

describe('the session service killed while it ends a session', () => {
  it.each(['after-row', 'after-outbox', 'after-deliveries', 'before-commit'])(
    'at %s: nothing happened; the end asked for again completes',
    async (place) => {
      const signed = await signedIn();
      await armed('session', `session.end.${place}`);
      await expect(end(signed.sid)).rejects.toThrow();
      expect(await world.services.exited('session')).toBe('SIGKILL');
      await world.services.restart('session');
      expect(await end(signed.sid)).toMatchObject({ ended: true });
      await expectCascadeComplete(signed);
    },
    60_000,
  );

  it.each(['after-commit', 'after-nudge', 'after-confirm'])(
    'at %s: the end stands, and its cascade completes',
    async (place) => {
      const signed = await signedIn();
      await armed('session', `session.end.${place}`);
      await expect(end(signed.sid)).rejects.toThrow();
      expect(await world.services.exited('session')).toBe('SIGKILL');
      // nobody has restarted it yet: the views read the log by themselves
      await until(async () => !(await world.isActive(signed.shop.access_token, world.raw('gateway'))), { timeoutMs: 2_000 });
      await world.services.restart('session');
      expect(await end(signed.sid)).toMatchObject({ ended: false });
      await expectCascadeComplete(signed);
    },
    60_000,
  );

  it.each(['after-claim', 'before-send', 'after-send', 'after-settle'])(
    'delivering, at %s: the delivery is taken up again',
    async (place) => {
      const signed = await signedIn();
      await armed('session', `session.deliver.${place}`);
      await end(signed.sid).catch(() => undefined);
      expect(await world.services.exited('session')).toBe('SIGKILL');
      await world.services.restart('session');
      await expectCascadeComplete(signed);
    },
    90_000,
  );
});

describe('the token service killed', () => {
  it.each(['before-commit', 'after-commit'])(
    'in its part of the cascade, at %s: done once more, once',
    async (place) => {
      const signed = await signedIn();
      await armed('token', `token.cascade.${place}`);
      expect(await end(signed.sid)).toMatchObject({ ended: true });
      expect(await world.services.exited('token')).toBe('SIGKILL');
      await world.services.restart('token');
      await expectCascadeComplete(signed);
    },
    60_000,
  );

  it('before its answer to a refresh left: the client asks again and gets the same successor (race 6)', async () => {
    const signed = await signedIn();
    await armed('token', 'token.refresh.before-answer');
    await expect(world.raw('photo-shop').refresh(signed.shop.refresh_token)).rejects.toThrow();
    await world.services.restart('token');
    const again = await world.patient('photo-shop').refresh(signed.shop.refresh_token);
    const third = await world.patient('photo-shop').refresh(signed.shop.refresh_token);
    expect(again).toMatchObject({ status: 200, body: { refresh_token: third.body.refresh_token } });
    await end(signed.sid);
    await expectCascadeComplete({ ...signed, shop: again.body as unknown as TokenSet });
  }, 180_000);

  it('while a session ends: the end is acknowledged without it', async () => {
    const signed = await signedIn();
    await world.services.signal('token', 'SIGKILL');
    expect(await end(signed.sid)).toMatchObject({ ended: true });
    expect(await world.isActive(signed.shop.access_token)).toBe(false);
    await world.services.restart('token');
    await expectCascadeComplete(signed);
  }, 180_000);
});

describe('the introspection service killed while a session ends', () => {
  it('knows of the end when it is back', async () => {
    const signed = await signedIn();
    await world.services.signal('introspect', 'SIGKILL');
    expect(await end(signed.sid)).toMatchObject({ ended: true });
    await world.services.restart('introspect');
    expect(await world.isActive(signed.shop.access_token)).toBe(false);
    await expectCascadeComplete(signed);
  }, 180_000);
});

describe('the auth service killed', () => {
  it('between the end and its page: what was ended stays ended', async () => {
    const signed = await signedIn();
    await armed('session', 'session.end.after-commit');
    await world.services.signal('auth', 'SIGKILL');
    await end(signed.sid).catch(() => undefined);
    await Promise.all([world.services.restart('session'), world.services.restart('auth')]);
    await expectCascadeComplete(signed);
  }, 180_000);

  it('while tokens are checked and refreshed: both go on', async () => {
    const signed = await signedIn();
    await world.services.signal('auth', 'SIGKILL');
    expect(await world.isActive(signed.shop.access_token)).toBe(true);
    const refreshed = await world.patient('photo-shop').refresh(signed.shop.refresh_token);
    expect(refreshed.status).toBe(200);
    await world.services.restart('auth');
    await end(signed.sid);
    await expectCascadeComplete({ ...signed, shop: refreshed.body as unknown as TokenSet });
  }, 180_000);
});
