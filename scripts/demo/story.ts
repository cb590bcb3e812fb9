import type { AuthConfig, CatalogueUser } from '#libs/config';
import { type ApiCall, callApis, refusedByApi } from './api-calls.js';
import { Apis } from './apis.js';
import { textOf } from './html-form.js';
import { LogoutEndpoint, type Notice } from './logout-endpoint.js';
import { Person, type Place } from './person.js';
import { RelyingParty, type Tokens } from './relying-party.js';
import type { Timeline } from './timeline.js';

interface Cast {
  shop: RelyingParty;
  book: RelyingParty;
  backup: RelyingParty;
  api: RelyingParty;
  prints: RelyingParty;
  jane: Person;
  onHerPhone: Person;
  user: CatalogueUser;
}

/** The main job: tokens hang from the session; when it ends, they stop everywhere and everyone hears of it. */
export async function story(config: AuthConfig, time: Timeline): Promise<void> {
  const cast = await castOf(config);
  const endpoints = await Promise.all([cast.shop, cast.book].map(listening));
  const apis = new Apis(config);
  try {
    const tokens = await signIns(cast, time);
    const rotated = await rotation(cast, tokens, time);
    const { calls, shop } = await callApis(apis, cast, rotated.shop, time);
    const held = { ...rotated, shop };
    await signOut(cast, held, { endpoints, calls, boundMs: config.settings.freshness_bound_ms }, time);
    await survivors(cast, held, time);
  } finally {
    apis.close();
    for (const { endpoint } of endpoints) endpoint.close();
  }
}

async function castOf(config: AuthConfig): Promise<Cast> {
  const party = (id: string) => {
    const client = config.catalogue?.clients.find(({ clientId }) => clientId === id);
    if (!client) throw new Error(`the configuration has no client "${id}": the demonstration plays with examples/demo/lanyard.yaml`);
    return RelyingParty.of(config.issuer, client);
  };
  const user = config.catalogue?.users.find(({ username }) => username === 'jane');
  if (!user) throw new Error('the configuration has no user "jane"');
  const [shop, book, backup, api, prints] = await Promise.all([
    party('photo-shop'),
    party('photo-book'),
    party('photo-backup'),
    party('photos-api'),
    party('prints-api'),
  ]);
  const server = config.publicUrls.auth;
  return { shop, book, backup, api, prints, jane: new Person('Jane', server), onHerPhone: new Person('Jane on her phone', server), user };
}

async function listening(party: RelyingParty) {
  const endpoint = new LogoutEndpoint(party);
  await endpoint.listen(party.client.metadata.backchannel_logout_uri ?? '');
  return { party, endpoint };
}

interface Held {
  shop: Tokens;
  book: Tokens;
  backup: Tokens;
  phone: Tokens;
}

async function signIns(cast: Cast, time: Timeline): Promise<Held> {
  const { jane, onHerPhone, shop, book, backup, api } = cast;
  time.chapter('Jane opens the photo print shop');
  const shopTokens = await signIn(cast, jane, shop, time);
  time.expect('the photo API introspects her access token: active', (await api.introspect(shopTokens.access)).active);

  time.chapter('A second application of the same browser');
  const bookTokens = await single(cast, jane, book, time);

  time.chapter('A third one, which wants to go on without her');
  const request = await backup.authorize({ prompt: 'consent' });
  const page = await time.step(`${backup.name} asks for offline_access`, () => jane.visit(request.url));
  const warned = 'page' in page && /after you have signed out/.test(textOf(page.page));
  time.expect('the page warns her that signing out does not end it', warned);
  const back = await time.step('she agrees', () => jane.submit(page, 'Allow', { offline_access: true }));
  const backupTokens = await time.step('code exchanged', () => request.finish(back));
  time.expect('offline_access was granted', backupTokens.scope.split(' ').includes('offline_access'), backupTokens.scope);

  time.chapter('Jane on her phone: a session of its own');
  const phoneTokens = await signIn(cast, onHerPhone, shop, time);
  return { shop: shopTokens, book: bookTokens, backup: backupTokens, phone: phoneTokens };
}

async function signIn({ user }: Cast, person: Person, party: RelyingParty, time: Timeline): Promise<Tokens> {
  const request = await party.authorize();
  const login = await time.step(`${party.name} sends her to sign in`, () => person.visit(request.url));
  const { username, password } = user;
  const after = await time.step('she signs in', () => person.submit(login, 'Sign in', { username, password }));
  const back = await consent(person, after, party, time);
  return time.step('code exchanged for access, refresh and ID token', () => request.finish(back));
}

/** The page with what is asked for; not shown when she agreed to it before. */
async function consent(person: Person, place: Place, party: RelyingParty, time: Timeline): Promise<Place> {
  if (!('page' in place)) {
    time.note(`she agreed to what ${party.name} asks for earlier`);
    return place;
  }
  return time.step(`she sees what ${party.name} asks for, and agrees`, () => person.submit(place, 'Allow'));
}

async function single(_cast: Cast, person: Person, party: RelyingParty, time: Timeline): Promise<Tokens> {
  const request = await party.authorize();
  const place = await time.step(`${party.name} sends her to the same place`, () => person.visit(request.url));
  time.expect('no second login: single sign-on', !('page' in place && /name="password"/.test(place.page)));
  const back = await consent(person, place, party, time);
  return time.step('code exchanged', () => request.finish(back));
}

async function rotation({ shop, api }: Cast, held: Held, time: Timeline): Promise<Held & { before: Tokens }> {
  time.chapter('The shop refreshes');
  const next = await time.step('refresh', () => shop.refresh(held.shop));
  time.expect('the refresh token rotated', next.refresh !== held.shop.refresh);
  time.expect('the new access token: active', (await api.introspect(next.access)).active);
  return { ...held, shop: next, before: held.shop };
}

interface Told {
  readonly endpoints: Awaited<ReturnType<typeof listening>>[];
  readonly calls: readonly ApiCall[];
  readonly boundMs: number;
}

async function signOut(cast: Cast, held: Held & { before: Tokens }, { endpoints, calls, boundMs }: Told, time: Timeline): Promise<void> {
  const { jane, shop, book, api } = cast;
  time.chapter('Jane signs out at the shop');
  let place = await jane.visit(shop.logoutUrl(held.shop));
  if ('page' in place) place = await jane.submit(place, 'Sign out');
  time.mark('signed out: the shop’s page is back. From here on, milliseconds since that answer');
  time.expect('she is back at the shop', 'sentTo' in place);
  const access: [string, string][] = [
    ['the shop’s access token', held.shop.access],
    ['the shop’s one from before the refresh', held.before.access],
    ['the photo book’s access token', held.book.access],
  ];
  const families: [RelyingParty, Tokens][] = [
    [shop, held.shop],
    [book, held.book],
  ];
  // All asked at once: each line says when its answer was in.
  await Promise.all([
    ...access.map(async ([what, token]) => {
      const { active } = await api.introspect(token);
      time.expect(`${what} introspects as inactive`, !active);
    }),
    ...access.map(async ([what, token]) => {
      const status = await shop.userinfoStatus(token);
      time.expect(`${what} is refused by userinfo (401)`, status === 401, String(status));
    }),
    ...calls.map((call) => refusedByApi(call, boundMs, time)),
    ...families.map(async ([party, tokens]) => {
      const refused = await party.refusedRefresh(tokens);
      time.expect(`${party.name}’s refresh token is refused (invalid_grant)`, refused === 'invalid_grant', refused);
    }),
  ]);
  for (const { party, endpoint } of endpoints) {
    const notice = await within(endpoint.first, 10_000);
    const when = notice && `${time.ms(notice.at).toFixed(1)} ms from the answer`;
    time.expect(
      `${party.name} got a valid logout token (${when ?? 'not within 10 s'})`,
      notice?.sub === held.shop.sub,
      JSON.stringify(notice),
    );
  }
}

async function survivors({ api, shop, backup }: Cast, held: Held, time: Timeline): Promise<void> {
  time.chapter('What goes on');
  time.expect('on her phone: the access token is active', (await api.introspect(held.phone.access)).active);
  const phone = await time.step('on her phone: refresh', () => shop.refresh(held.phone));
  time.expect('and its new access token is active', (await api.introspect(phone.access)).active);
  const next = await time.step(`${backup.name} refreshes, by her consent`, () => backup.refresh(held.backup));
  time.expect('and its new access token is active', (await api.introspect(next.access)).active);
}

async function within(notice: Promise<Notice>, ms: number): Promise<Notice | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  const first = await Promise.race([notice.catch(() => undefined), late]);
  clearTimeout(timer);
  return first;
}
