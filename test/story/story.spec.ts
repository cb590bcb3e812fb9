import type { Browser } from 'playwright-core';
import { browser, STORY, secretOf, until } from '#libs/testing';
import { Device } from '../actors/device.js';
import { verifyLogoutToken } from '../actors/logout-token.js';
import { ResourceServer } from '../actors/resource-server.js';
import type { SignedIn } from '../actors/web-client.js';
import { startWorld, type World } from '../world.js';

/** Issue: "The story". One run from the first page to the last logout token; each step stands on the ones before it. */
let world: World;
let chromium: Browser;
let [laptop, phone] = [] as unknown as [Device, Device];
let [photosApi, gateway] = [] as unknown as [ResourceServer, ResourceServer];
let [shop, book, backup, shopOnPhone] = [] as unknown as [SignedIn, SignedIn, SignedIn, SignedIn];

beforeAll(async () => {
  // In turn: of two at once the one that came up stays when the other fails, and nobody has it to close.
  world = await startWorld();
  chromium = await browser();
  [laptop, phone] = [await Device.of(chromium), await Device.of(chromium)];
  photosApi = await ResourceServer.start(world.issuer, 'photos-api', secretOf('photos-api'));
  gateway = await ResourceServer.start(world.issuer, 'gateway', secretOf('gateway'));
}, 360_000);

afterAll(async () => {
  await chromium?.close();
  await world?.close();
});

describe('Jane and the photo-print shop', () => {
  it('sends Jane to sign in, shows what the shop asks for, and she comes back with a code', async () => {
    const started = await world.shop.begin('openid profile email photos:read online_access');
    await laptop.visit(started.url);
    expect(await laptop.text()).toContain('photo shop');
    await laptop.picture('login');
    await laptop.signIn(STORY.jane);
    const consent = await laptop.text();
    expect(consent).toContain('See your photos');
    expect(consent).not.toContain('Keep access when you are not here');
    await laptop.picture('consent');
    await laptop.press('Allow');
    const landed = await laptop.landedAt(world.shop.origin);
    expect(landed.searchParams.get('iss')).toBe(world.issuer);
    shop = await world.shop.finish(started, landed);
    expect(shop.claims).toMatchObject({ iss: world.issuer, aud: 'photo-shop', sub: expect.any(String), sid: expect.any(String) });
    expect(shop.tokens.refresh_token).toMatch(/^lanyard_rt_/);
  });

  it('answers the photo API that the access token is active, and nobody who has no business with it', async () => {
    expect(await photosApi.introspect(shop.tokens.access_token)).toMatchObject({
      active: true,
      client_id: 'photo-shop',
      sub: shop.claims.sub,
      sid: shop.claims.sid,
      scope: expect.stringContaining('photos:read'),
    });
    expect(await world.book.introspect(shop.tokens.access_token)).toEqual({ active: false });
    expect(await world.shop.userinfo(shop.tokens.access_token)).toMatchObject({ name: 'Jane Doe', email: 'jane@photos.example' });
  });

  it('signs her in at a second client of the same browser without asking for a password', async () => {
    const started = await world.book.begin('openid profile photos:read online_access');
    await laptop.visit(started.url);
    expect(await laptop.page.getByLabel('Password').count()).toBe(0);
    await laptop.press('Allow');
    book = await world.book.finish(started, await laptop.landedAt(world.book.origin));
    expect(book.claims.sid).toBe(shop.claims.sid);
  });

  it('warns her of offline access before a third client gets it', async () => {
    const started = await world.backup.begin('openid photos:read offline_access', { prompt: 'consent' });
    await laptop.visit(started.url);
    expect(await laptop.text()).toMatch(/Signing out does not end it/);
    const box = laptop.page.getByLabel('Keep access when you are not here');
    if (!(await box.isChecked())) await box.check();
    await laptop.picture('consent-offline');
    await laptop.press('Allow');
    backup = await world.backup.finish(started, await laptop.landedAt(world.backup.origin));
    expect(backup.tokens.scope ?? 'openid photos:read offline_access').toContain('offline_access');
  });

  it('signs her in on her phone with a session of its own', async () => {
    const started = await world.shop.begin('openid profile email photos:read online_access');
    await phone.visit(started.url);
    await phone.signIn(STORY.jane);
    shopOnPhone = await world.shop.finish(started, await phone.landedAt(world.shop.origin));
    expect(shopOnPhone.claims.sid).not.toBe(shop.claims.sid);
  });

  it('rotates refresh tokens, and the previous access token stays good', async () => {
    const before = shop.tokens;
    const after = await world.shop.refresh(before.refresh_token ?? '');
    expect(after.refresh_token).not.toBe(before.refresh_token);
    expect((await photosApi.introspect(before.access_token)).active).toBe(true);
    expect((await photosApi.introspect(after.access_token)).active).toBe(true);
    shop = { ...shop, tokens: after };
  });

  it('takes her back to the shop when she signs out there', async () => {
    await laptop.visit(world.shop.logoutUrl(shop.tokens.id_token ?? '', 'bye'));
    if (new URL(laptop.page.url()).origin !== world.shop.origin) await laptop.press('Sign out');
    const landed = await laptop.landedAt(world.shop.origin);
    expect(landed.href).toBe(`${world.shop.signedOut}?state=bye`);
  });

  it('leaves no token of the session good, at once', async () => {
    const tokens = [shop.tokens, book.tokens];
    const answers = await Promise.all(tokens.map(({ access_token }) => gateway.introspect(access_token)));
    expect(answers).toEqual([{ active: false }, { active: false }]);
    await expect(world.shop.refresh(shop.tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(world.book.refresh(book.tokens.refresh_token ?? '')).rejects.toMatchObject({ error: 'invalid_grant' });
    await expect(world.shop.userinfo(shop.tokens.access_token)).rejects.toMatchObject({ status: 401 });
  });

  it('tells each client of the session by a valid logout token, the offline one too', async () => {
    const told = [
      ['photo-shop', world.receivers['photo-shop']],
      ['photo-book', world.receivers['photo-book']],
      ['photo-backup', world.receivers['photo-backup']],
    ] as const;
    const jtis = new Set<unknown>();
    for (const [clientId, receiver] of told) {
      const [delivery] = await receiver.received(1);
      const token = await verifyLogoutToken(delivery?.logoutToken ?? '', {
        issuer: world.issuer,
        clientId,
        jwksUri: world.metadata.jwks_uri,
      });
      expect(token).toMatchObject({ sid: shop.claims.sid, sub: shop.claims.sub });
      expect(delivery?.contentType).toContain('application/x-www-form-urlencoded');
      jtis.add(token.jti);
    }
    expect(jtis.size).toBe(3);
    await until(async () => (await world.openDeliveries()) === 0, { what: 'no delivery left to send' });
    expect(told.map(([, receiver]) => receiver.deliveries.length)).toEqual([1, 1, 1]);
  });

  it('leaves her phone signed in and the offline client able to refresh', async () => {
    expect((await photosApi.introspect(shopOnPhone.tokens.access_token)).active).toBe(true);
    expect((await world.shop.refresh(shopOnPhone.tokens.refresh_token ?? '')).access_token).toMatch(/^lanyard_at_/);
    const offline = await world.backup.refresh(backup.tokens.refresh_token ?? '');
    expect(await photosApi.introspect(offline.access_token)).toMatchObject({ active: true, client_id: 'photo-backup' });
    expect(await photosApi.introspect(offline.access_token)).not.toHaveProperty('sid');
  });

  it('asks her phone before it signs her out at the provider itself, and says when it is done', async () => {
    await phone.visit(new URL(world.metadata.end_session_endpoint));
    expect(await phone.text()).toContain('Do you want to sign out?');
    await phone.picture('logout');
    expect((await photosApi.introspect(shopOnPhone.tokens.access_token)).active).toBe(true);
    await phone.press('Sign out');
    expect(await phone.text()).toContain('You are signed out');
    await phone.picture('signed-out');
    expect(await photosApi.introspect(shopOnPhone.tokens.access_token)).toEqual({ active: false });
  });

  it('asks her laptop for the password again', async () => {
    await laptop.visit((await world.shop.begin('openid online_access')).url);
    expect(await laptop.page.getByLabel('Password').count()).toBe(1);
  });
});
