import { decodeJwt } from 'jose';
import { authApi } from '#libs/contracts';
import { STORY, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { answerOf } from '../actors/raw-client.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';
import { aliveAt, deadAt, endedFor, ONLINE, signedIn, staysSignedIn } from './life.js';

/** Sessions by the admin API: found, shown, ended one by one and many at once, and one client cut out of one. */
let world: World;
let operator: Operator;
beforeAll(async () => {
  world = await startWorld();
  operator = new Operator(world.services);
}, 360_000);
afterAll(() => world?.close());

const get = (path: string) => operator.call('session', 'GET', `/admin/sessions${path}`);
const post = (path: string, body?: unknown) => operator.call('session', 'POST', `/admin/sessions${path}`, body);
type Items = { sid: string; sub: string; state: string; clients: string[] }[];
const list = async (query = '') => {
  const { status, body } = await get(query);
  expect(status).toBe(200);
  return body as unknown as { items: Items; next: string | null };
};
const sidsOf = (items: Items) => items.map(({ sid }) => sid);
const audit = (action: string, target: string) =>
  world.stand.database.query('SELECT actor, reason, request_id, details FROM session.audit WHERE action = $1 AND target = $2', [
    action,
    target,
  ]);
const ends = { reason: 'admin', initiated_by: 'admin', actor: 'client:admin-cli' };
const tokensAt = (receiver: 'photo-shop' | 'photo-backup', sid: string) =>
  world.receivers[receiver].deliveries.filter(({ logoutToken }) => decodeJwt(logoutToken).sid === sid);

describe('who may call', () => {
  it('not without a token, not with one for another API, not with a person’s, not with the wrong scope', async () => {
    const url = `${world.stand.url('session')}/admin/sessions`;
    const as = async (token?: string) => answerOf(await fetch(url, token ? { headers: { authorization: `Bearer ${token}` } } : {}));
    expect(await as()).toMatchObject({ status: 401 });
    const press = await world.raw('print-press').post(world.endpoints.token, { grant_type: 'client_credentials', scope: 'photos:read' });
    expect(await as(String(press.body.access_token))).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    const life = await signedIn(world);
    for (const token of [life.online.access_token, life.online.id_token, life.online.refresh_token]) {
      expect(await as(token)).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    }
    const narrow = await world
      .raw('admin-cli')
      .post(world.endpoints.token, { grant_type: 'client_credentials', scope: 'lanyard:sessions:read' });
    expect(await as(String(narrow.body.access_token))).toMatchObject({ status: 200 });
    const ended = await fetch(`${url}/end`, {
      method: 'POST',
      headers: { authorization: `Bearer ${String(narrow.body.access_token)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ all: true }),
    });
    expect(ended.status).toBe(403);
    expect(ended.headers.get('www-authenticate')).toContain('scope="lanyard:sessions:write"');
    expect((await list(`?sub=${life.sub}&state=active`)).items.length).toBeGreaterThan(0);
  });
});

describe('finding', () => {
  it('lists the youngest first, by subject, client, address, age and state, page by page, and audits who looked', async () => {
    const [jane, john] = [await signedIn(world), await signedIn(world, STORY.john)];
    const all = await list();
    expect(sidsOf(all.items).slice(0, 2)).toEqual([john.sid, jane.sid]);
    expect(all.items[0]).toMatchObject({ state: 'active', clients: ['photo-backup', 'photo-shop'] });
    const of = async (query: string) => sidsOf((await list(query)).items);
    expect(await of(`?sub=${jane.sub}`)).not.toContain(john.sid);
    expect(await of('?client_id=photo-shop')).toEqual(expect.arrayContaining([jane.sid, john.sid]));
    expect(await of('?client_id=photo-book')).toEqual([]);
    const ip = String((await get(`/${jane.sid}`)).body.ip);
    expect(await of(`?ip=${ip}&client_id=photo-shop&sub=${john.sub}&state=active`)).toEqual([john.sid]);
    for (const form of [`::ffff:${ip}`, '0:0:0:0:0:FFFF:7f00:1']) expect(await of(`?ip=${form}&sub=${john.sub}`)).toContain(john.sid);
    for (const none of ['not-an-ip', '127.1', '2130706433', `${ip}/32`]) {
      const refusal = { status: 400, body: { error_description: 'query.ip: expected an IP address' } };
      expect(await get(`?ip=${encodeURIComponent(none)}`)).toMatchObject(refusal);
    }
    const { started_at } = (await get(`/${john.sid}`)).body as { started_at: number };
    expect(await of(`?started_before=${started_at}`)).not.toContain(john.sid);
    expect(await of(`?started_after=${started_at - 1}`)).toContain(john.sid);
    const first = await list('?limit=1');
    const second = await list(`?limit=1&cursor=${first.next}`);
    expect([...sidsOf(first.items), ...sidsOf(second.items)]).toEqual([john.sid, jane.sid]);
    const [seen] = await audit('session.listed', jane.sub);
    expect(seen).toMatchObject({ actor: 'client:admin-cli', request_id: expect.any(String), details: { sub: jane.sub } });
  });

  it('refuses what it does not know: members, cursors, sessions', async () => {
    expect((await get('?subject=jane')).body.error_description).toMatch(/^query: /);
    expect(await get('?cursor=WzEsMl0')).toMatchObject({ status: 400 });
    expect(await get('/no-such-session')).toMatchObject({ status: 404 });
    expect(await post('/no-such-session/end')).toMatchObject({ status: 404 });
    expect((await post('/end', { sub: 'jane', all: true })).body.error_description).toBe(
      'body: exactly one of sids, sub, client_id and all',
    );
    expect(await post('/end', {})).toMatchObject({ status: 400 });
  });
});

describe('ending', () => {
  it('one: confirmed, dead everywhere, told to its clients; then shown with its deliveries and their attempts', async () => {
    const life = await signedIn(world);
    const answer = await post(`/${life.sid}/end`);
    expect(answer).toMatchObject({ status: 200, body: { ended: true, confirmed: true } });
    await deadAt(world, 'photo-shop', life.online);
    await aliveAt(world, 'photo-backup', life.offline);
    await endedFor(world, life.sid, ends);
    expect((await post(`/${life.sid}/end`)).body).toEqual({ ...answer.body, ended: false, confirmed: true });
    const whole = await until(async () => {
      const { body } = await get(`/${life.sid}`);
      return (body.deliveries as { state: string }[]).every(({ state }) => state === 'delivered') && body;
    });
    expect(whole).toMatchObject({ state: 'ended', end_reason: 'admin', end_id: answer.body.end_id });
    expect(whole.deliveries).toContainEqual(
      expect.objectContaining({
        client_id: 'photo-shop',
        cause: 'session_ended',
        tries: [expect.objectContaining({ outcome: 'delivered', http_status: 200 })],
      }),
    );
    expect(await audit('session.read', life.sid)).not.toEqual([]);
  });

  it('many: those named, all of a user, all where a client takes part, in batches that say whether there is more', async () => {
    const lives = [await signedIn(world), await signedIn(world), await signedIn(world), await signedIn(world, STORY.john)];
    const [a, b, c, john] = lives as [(typeof lives)[0], (typeof lives)[0], (typeof lives)[0], (typeof lives)[0]];
    const named = await post('/end', { sids: [a.sid, 'unknown', a.sid] });
    expect(named.body).toMatchObject({ ended: [{ sid: a.sid, sub: a.sub }], remaining: false, confirmed: true });
    await deadAt(world, 'photo-shop', a.online);
    const ended: string[] = [];
    for (let remaining = true; remaining; ) {
      const { body } = await post('/end', { sub: b.sub, limit: 1 });
      expect((body.ended as unknown[]).length).toBeLessThanOrEqual(1);
      ended.push(...sidsOf(body.ended as Items));
      remaining = body.remaining === true;
    }
    expect(ended).toEqual(expect.arrayContaining([b.sid, c.sid]));
    await deadAt(world, 'photo-shop', c.online);
    await aliveAt(world, 'photo-shop', john.online);
    expect((await post('/end', { sub: b.sub })).body).toEqual({ ended: [], remaining: false, confirmed: true });
    const rest = await post('/end', { client_id: 'photo-shop', reason: 'risk' });
    expect(sidsOf(rest.body.ended as Items)).toContain(john.sid);
    await endedFor(world, john.sid, { ...ends, reason: 'risk' });
  });
});

describe('one client out of a session', () => {
  it('loses its tokens and gets one logout token; the session and its other clients go on', async () => {
    const life = await signedIn(world);
    const book = await world.tokensFor(life.agent, world.book, ONLINE.replace('online_access', ''));
    const answer = await post(`/${life.sid}/participants/photo-shop/end`);
    expect(answer).toMatchObject({ status: 200, body: { ended: true, revoked: 1, confirmed: true } });
    await deadAt(world, 'photo-shop', life.online);
    expect(await world.isActive(book.access_token)).toBe(true);
    await until(() => tokensAt('photo-shop', life.sid).length === 1);
    expect((await list('?client_id=photo-shop&state=active')).items).toEqual([]);
    expect(await post(`/${life.sid}/participants/photo-shop/end`)).toMatchObject({ body: { ended: false, confirmed: true } });
    expect(await post(`/${life.sid}/participants/nobody/end`)).toMatchObject({ status: 404 });
    const [noted] = await audit('participant.ended', life.sid);
    expect(noted).toMatchObject({ actor: 'client:admin-cli', details: { client_id: 'photo-shop', sub: life.sub } });

    // Signing on again in the same browser: no password, the same session, a participant anew, and owed a second notice at its end.
    const again = await world.tokensFor(life.agent, world.shop, ONLINE);
    expect(decodeJwt(again.id_token).sid).toBe(life.sid);
    await aliveAt(world, 'photo-shop', again);
    const { participants } = (await get(`/${life.sid}`)).body as { participants: Record<string, unknown>[] };
    expect(participants).toContainEqual(expect.objectContaining({ client_id: 'photo-shop', round: 2, left_at: null }));
    await post(`/${life.sid}/end`);
    await until(() => tokensAt('photo-shop', life.sid).length === 2);
    const { deliveries } = (await get(`/${life.sid}`)).body as { deliveries: Record<string, unknown>[] };
    expect(deliveries.filter(({ client_id }) => client_id === 'photo-shop').map(({ cause }) => cause)).toEqual([
      'client_ended',
      'session_ended',
    ]);
    expect(await post(`/${life.sid}/participants/photo-shop/end`)).toMatchObject({ status: 409 });
  });

  it('takes back a code that is out, and what hangs from it', async () => {
    const agent = new UserAgent();
    const life = await signedIn(world, STORY.jane, agent);
    const { started, code } = await world.signInAt(agent, world.shop, ONLINE);
    await post(`/${life.sid}/participants/photo-shop/end`);
    const late = await world.raw('photo-shop').exchange(String(code), started.verifier, world.shop.callback);
    expect(late).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await staysSignedIn(world, agent)).toBe(true);
  });
});

describe('logout tokens that nobody took', () => {
  it('are dead letters until an operator sends them again', async () => {
    world.receivers['photo-shop'].answerAlways({ status: 400, body: '{"error":"invalid_request"}' });
    const life = await signedIn(world);
    await post(`/${life.sid}/end`);
    const deliveries = (query: string) => operator.call('session', 'GET', `/admin/deliveries${query}`);
    const dead = await until(async () => {
      const { body } = await deliveries(`?state=dead&sid=${life.sid}`);
      return (body.items as { delivery_id: number; attempts: number }[])[0];
    });
    expect((await deliveries('?state=dead&client_id=photo-shop&limit=1')).body).toMatchObject({
      items: [{ delivery_id: dead.delivery_id }],
    });
    world.receivers['photo-shop'].answerAlways({ status: 200 });
    const replay = () => operator.call('session', 'POST', `/admin/deliveries/${dead.delivery_id}/replay`);
    expect(await replay()).toMatchObject({ status: 200, body: { delivery_id: dead.delivery_id, state: 'pending' } });
    await until(() => tokensAt('photo-shop', life.sid).length === 2);
    await until(async () =>
      ((await get(`/${life.sid}`)).body.deliveries as { state: string }[]).every(({ state }) => state === 'delivered'),
    );
    expect(await replay()).toMatchObject({ status: 409 });
    expect(await operator.call('session', 'POST', '/admin/deliveries/999999/replay')).toMatchObject({ status: 404 });
    expect(await audit('delivery.replayed', String(dead.delivery_id))).toMatchObject([{ actor: 'client:admin-cli' }]);
    expect((await operator.call('session', 'POST', '/admin/deliveries/replay', { all: true })).body).toEqual({
      replayed: [],
      remaining: false,
    });
  });
});

describe('a client that lost its rights, a view that is behind', () => {
  it('refuses a disabled client’s token at once, before it expires', async () => {
    const press = new Operator(world.services);
    expect(await press.call('session', 'GET', '/admin/sessions?limit=1')).toMatchObject({ status: 200 });
    await world.stand.call('auth', authApi.setClientDisabled, { client_id: 'admin-cli', disabled: true });
    expect(await press.call('session', 'GET', '/admin/sessions?limit=1')).toMatchObject({ status: 401, body: { error: 'invalid_token' } });
    await world.stand.call('auth', authApi.setClientDisabled, { client_id: 'admin-cli', disabled: false });
    expect(await press.call('session', 'GET', '/admin/sessions?limit=1')).toMatchObject({ status: 401 });
    operator.forget();
    expect(await get('?limit=1')).toMatchObject({ status: 200 });
  });

  it('answers 503 with Retry-After while its view can’t be proven current; what others need of it goes on', async () => {
    const life = await signedIn(world);
    await world.stand.database.query('REVOKE USAGE ON SCHEMA token FROM lanyard_log');
    try {
      const refused = await until(async () => {
        const answer = await get('?limit=1');
        return answer.status === 503 && answer;
      });
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await post(`/${life.sid}/end`)).toMatchObject({ status: 503 });
      expect((await fetch(`${world.stand.internalUrl('session')}/health/ready`)).status).toBe(200);
    } finally {
      await world.stand.database.query('GRANT USAGE ON SCHEMA token TO lanyard_log');
    }
    await until(async () => (await get('?limit=1')).status === 200);
  });
});
