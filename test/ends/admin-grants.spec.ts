import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** Grants by the admin API: found, shown, revoked one by one and many at once; the session goes on. */
let world: World;
let operator: Operator;
beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.services);
}, 360_000);
afterAll(() => world?.close());

type Item = { gid: string; sub: string; client_id: string; sid: string; access_mode: string; revoked_at: number | null };
const get = (path: string) => operator.call('token', 'GET', `/admin/grants${path}`);
const post = (path: string, body?: unknown) => operator.call('token', 'POST', `/admin/grants${path}`, body);
const list = async (query: string) => {
  const { status, body } = await get(query);
  expect([status, body.error]).toEqual([200, undefined]);
  return body as unknown as { items: Item[]; next: string | null };
};
const audit = (action: string, target: string) =>
  world.stand.database.query('SELECT actor, reason, request_id, details FROM token.audit WHERE action = $1 AND target = $2', [
    action,
    target,
  ]);

const ONLINE = 'openid photos:read online_access';
const OFFLINE = 'openid photos:read offline_access';
const by = 'client:admin-cli';

/** One session at the shop and the book, and an offline grant at the backup. */
async function signedIn() {
  const agent = new UserAgent();
  const shop = await world.tokensFor(agent, world.shop, ONLINE);
  const book = await world.tokensFor(agent, world.book, ONLINE);
  const backup = await world.tokensFor(agent, world.backup, OFFLINE, { more: { prompt: 'consent' } });
  const { body } = await world.raw('gateway').introspect(shop.access_token);
  return { shop, book, backup, sid: String(body.sid), sub: String(body.sub) };
}

const refreshes = async (client: 'photo-shop' | 'photo-book' | 'photo-backup', token: string) =>
  (await world.raw(client).refresh(token)).status;

it('finds grants by subject, client, session and mode, in pages that come to an end with each once', async () => {
  const { sid, sub } = await signedIn();
  const mine = await list(`?sid=${sid}`);
  expect(mine.items.map(({ client_id, access_mode }) => `${client_id} ${access_mode}`).sort()).toEqual([
    'photo-backup offline',
    'photo-book online',
    'photo-shop online',
  ]);
  expect((await list(`?sid=${sid}&access_mode=offline`)).items).toHaveLength(1);
  expect((await list(`?sub=${sub}&client_id=photo-book&sid=${sid}`)).items).toHaveLength(1);
  expect((await list('?access_mode=none')).items).toEqual([]);
  const seen: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page = await list(`?sub=${sub}&limit=1${next && `&cursor=${next}`}`);
    seen.push(...page.items.map(({ gid }) => gid));
    next = page.next;
  }
  expect(seen.length).toBe(new Set(seen).size);
  expect(seen).toEqual([...seen].sort());
  expect(seen).toEqual(expect.arrayContaining(mine.items.map(({ gid }) => gid)));
  expect(await audit('grant.listed', sub)).toContainEqual(
    expect.objectContaining({ actor: by, details: expect.objectContaining({ sub, client_id: 'photo-book', sid, count: 1 }) }),
  );
});

it('shows one, and says 404 for none; both are nobody else’s business', async () => {
  const { sid } = await signedIn();
  const [grant] = (await list(`?sid=${sid}&client_id=photo-shop`)).items;
  const { status, body } = await get(`/${grant?.gid}`);
  expect([status, body]).toMatchObject([
    200,
    { client_id: 'photo-shop', sid, refresh_token: true, revoked_at: null, scope: ONLINE.split(' ') },
  ]);
  expect(JSON.stringify(body)).not.toMatch(/lanyard_/);
  expect(await get('/no-such-grant')).toMatchObject({ status: 404 });
  expect(await audit('grant.read', String(grant?.gid))).toMatchObject([{ actor: by, request_id: expect.any(String) }]);
});

it('revokes one at once, everywhere, and leaves the session and the other clients alone', async () => {
  const { shop, book, sid } = await signedIn();
  const [grant] = (await list(`?sid=${sid}&client_id=photo-shop`)).items;
  expect(await post(`/${grant?.gid}/revoke`)).toMatchObject({ status: 200, body: { revoked: true, confirmed: true } });
  expect(await world.isActive(shop.access_token)).toBe(false);
  expect(await refreshes('photo-shop', shop.refresh_token)).toBe(400);
  expect(await world.isActive(book.access_token)).toBe(true);
  expect(await refreshes('photo-book', book.refresh_token)).toBe(200);
  expect(await post(`/${grant?.gid}/revoke`)).toMatchObject({ status: 200, body: { revoked: false, confirmed: true } });
  expect(await audit('grant.revoked', String(grant?.gid))).toMatchObject([
    { actor: by, reason: 'admin', details: { client_id: 'photo-shop' } },
  ]);
  expect((await list(`?sid=${sid}&state=revoked`)).items.map(({ gid }) => gid)).toEqual([grant?.gid]);
});

it('revokes in batches until nothing remains: what hangs from a session first, offline ones by their subject', async () => {
  const { shop, book, backup, sid, sub } = await signedIn();
  expect(await post('/revoke', { sid, limit: 1 })).toMatchObject({ status: 200, body: { revoked: 1, remaining: true, confirmed: true } });
  expect(await post('/revoke', { sid, limit: 1 })).toMatchObject({ body: { revoked: 1, remaining: false } });
  expect(await post('/revoke', { sid })).toMatchObject({ body: { revoked: 0, remaining: false, confirmed: true } });
  for (const tokens of [shop, book]) expect(await world.isActive(tokens.access_token)).toBe(false);
  expect(await refreshes('photo-backup', backup.refresh_token)).toBe(200);
  expect(await post('/revoke', { sub, client_id: 'photo-backup' })).toMatchObject({ body: { remaining: false, confirmed: true } });
  expect(await world.isActive(backup.access_token)).toBe(false);
  expect((await list(`?sub=${sub}&client_id=photo-backup`)).items).toEqual([]);
});

it('a code that is out dies with them: "revoked" was said, and nothing comes after it', async () => {
  const agent = new UserAgent();
  const { started, code } = await world.signInAt(agent, world.shop, ONLINE);
  const owner = await world.tokensFor(agent, world.book, ONLINE);
  const { body } = await world.raw('gateway').introspect(owner.access_token);
  await post('/revoke', { sub: String(body.sub) });
  const exchanged = await world.raw('photo-shop').exchange(String(code), started.verifier, world.shop.callback);
  expect(exchanged).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
});

it.each([[{}], [{ gids: ['a'], sub: 'b' }], [{ gids: [] }], [{ sub: 'a', unknown: 1 }], [{ sub: 'a', limit: 1_001 }]])(
  'refuses %j',
  async (body) => {
    expect(await post('/revoke', body)).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  },
);

it('hands a dead letter to its handler again, and says what came of one that has no event', async () => {
  const { sid, sub } = await signedIn();
  const letter = (event_id: string | null, pseq: number) =>
    world.stand.database.query<{ id: string }>(
      `INSERT INTO token.dead_letter (source, stream, partition, pseq, event_id, key, name, version, body, recorded_at, reason, error, tries, at)
       VALUES ('session', 'events', 0, $1, $2::text, $3, CASE WHEN $2::text IS NOT NULL THEN 'SessionEnded' END, 1, $4, now(), 'handler_failed', 'x', 6, now())
       RETURNING id`,
      [pseq, event_id, sid, JSON.stringify({ sid, sub, reason: 'admin', initiated_by: 'admin', ended_at: 1, end_id: 'e1' })],
    );
  const [[whole], [hole]] = [await letter('event-1', 900_001), await letter(null, 900_002)];
  const letters = (query: string) => operator.call('token', 'GET', `/admin/token/dead-letters${query}`);
  expect((await letters('?open=true')).body.items).toHaveLength(2);
  const replay = await operator.call('token', 'POST', '/admin/token/dead-letters/replay', { ids: [Number(whole?.id), Number(hole?.id)] });
  expect(replay.body.results).toEqual([
    { id: Number(whole?.id), replayed: true, error: null },
    { id: Number(hole?.id), replayed: false, error: expect.stringContaining('nothing to hand over') },
  ]);
  for (const body of [{}, { ids: [1], all: true }, { ids: [1], after: 1 }, { after: 1 }, { all: false }]) {
    expect(await operator.call('token', 'POST', '/admin/token/dead-letters/replay', body)).toMatchObject({ status: 400 });
  }
  expect((await operator.call('token', 'POST', '/admin/token/dead-letters/replay', { all: true })).body).toEqual({ results: [] });
  expect((await list(`?sid=${sid}`)).items.map(({ access_mode }) => access_mode)).toEqual(['offline']);
  expect((await letters('?open=true')).body.items).toHaveLength(1);
  expect(await audit('dead_letter.replayed', String(whole?.id))).toMatchObject([{ actor: by, details: { name: 'SessionEnded' } }]);
});
