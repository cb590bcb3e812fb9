import { InternalCallError } from '#libs/http';
import type { ReceiverAnswer } from '#libs/testing';
import { retryDelay } from '../src/backchannel/retry-schedule.js';
import { AWAY, claimsOf, DeliveryWorld } from './delivery-world.js';
import { SessionWorld } from './session-world.js';

describe('delivering logout tokens', () => {
  let world: SessionWorld;
  let delivery: DeliveryWorld;
  beforeAll(async () => {
    world = await SessionWorld.open();
  });
  beforeEach(async () => {
    await world.reset();
    delivery = await DeliveryWorld.open(world, { timeoutMs: 2_000 });
    delivery.register('shop');
  });
  afterEach(() => delivery.close());
  afterAll(() => world.close());

  it('posts a logout token with the claims of Back-Channel Logout §2.4, in a form, for the registered algorithm', async () => {
    delivery.register('shop', { backchannel_logout_uri: `${delivery.receiver.url}?tenant=a`, id_token_signed_response_alg: 'ES256' });
    const sid = await delivery.owed('shop');
    await delivery.pass();
    const [sent] = delivery.receiver.deliveries;
    expect(sent).toMatchObject({ contentType: 'application/x-www-form-urlencoded', path: '/backchannel-logout?tenant=a' });
    const claims = claimsOf(sent?.logoutToken ?? '');
    expect(claims).toMatchObject({ aud: 'shop', sid, sub: 'jane', events: { 'http://schemas.openid.net/event/backchannel-logout': {} } });
    expect(Number(claims.exp) - Number(claims.iat)).toBeLessThanOrEqual(120);
    expect(claims).not.toHaveProperty('nonce');
    expect(delivery.signed[0]?.alg).toBe('ES256');
    expect(await delivery.row(sid)).toMatchObject({ state: 'delivered', attempts: 1, reason: null });
  });

  it('signs with RS256 where the client registered no algorithm', async () => {
    await delivery.owed('shop');
    await delivery.pass();
    expect(delivery.signed[0]?.alg).toBe('RS256');
  });

  it.each<[string, ReceiverAnswer, string, number]>([
    ['200', { status: 200 }, 'delivered', 1],
    ['204', { status: 204 }, 'delivered', 1],
    ['202', { status: 202 }, 'delivered', 1],
    ['200 with a body over the limit', { status: 200, body: 'x'.repeat(1_000_000) }, 'delivered', 1],
    ['400', { status: 400, body: '{"error":"invalid_request"}' }, 'dead', 1],
    ['401', { status: 401 }, 'dead', 1],
    ['404', { status: 404 }, 'dead', 1],
    ['410', { status: 410 }, 'dead', 1],
    ['301', { status: 301, headers: { location: '/elsewhere' } }, 'dead', 1],
    ['307', { status: 307, headers: { location: '/elsewhere' } }, 'dead', 1],
    ['408', { status: 408 }, 'pending', 1],
    ['425', { status: 425 }, 'pending', 1],
    ['429', { status: 429 }, 'pending', 1],
    ['500', { status: 500 }, 'pending', 1],
    ['503', { status: 503 }, 'pending', 1],
    ['a dropped connection', 'drop', 'pending', 1],
  ])('an answer of %s leaves it %s', async (_, answer, state, attempts) => {
    delivery.receiver.answerAlways(answer);
    const sid = await delivery.owed('shop');
    await delivery.pass();
    const row = await delivery.row(sid);
    expect(row).toMatchObject({ state, attempts });
    expect(await delivery.attempts(sid)).toHaveLength(1);
    if (state === 'pending') expect(row.due_in).toBeGreaterThan(0.5);
    if (state === 'dead') {
      const audit = await world.rows("SELECT action, reason FROM session.audit WHERE action = 'delivery.dead' ORDER BY id DESC LIMIT 1");
      expect(audit).toEqual([{ action: 'delivery.dead', reason: row.reason }]);
    }
    expect(delivery.receiver.deliveries.map(({ path }) => path)).toEqual(['/backchannel-logout']);
  });

  it('gives up waiting for a receiver that stalls, and tries again later', async () => {
    await delivery.close();
    delivery = await DeliveryWorld.open(world, { timeoutMs: 150 });
    delivery.register('shop');
    delivery.receiver.answerNext('hang');
    const sid = await delivery.owed('shop');
    await delivery.pass();
    expect(await delivery.row(sid)).toMatchObject({ state: 'pending', reason: 'no answer within 150 ms' });
    await world.time.advance(5_000);
    await delivery.pass();
    expect(await delivery.row(sid)).toMatchObject({ state: 'delivered', attempts: 2 });
  });

  it('race 9: a receiver that acted and lost the reply gets the same sid again under a new jti, and both attempts are on record', async () => {
    delivery.receiver.answerNext('drop', { status: 503, headers: { 'retry-after': '120' } });
    const sid = await delivery.owed('shop');
    await delivery.pass();
    await world.time.advance(5_000);
    await delivery.pass();
    const waiting = await delivery.row(sid);
    expect([waiting.state, Math.round(waiting.due_in)]).toEqual(['pending', 120]);
    await world.time.advance(121_000);
    await delivery.pass();
    const tokens = delivery.receiver.deliveries.map(({ logoutToken }) => claimsOf(logoutToken));
    expect(tokens.map((claims) => claims.sid)).toEqual([sid, sid, sid]);
    expect(new Set(tokens.map(({ jti }) => jti)).size).toBe(3);
    expect(Number(tokens[2]?.iat)).toBeGreaterThan(Number(tokens[0]?.iat) + 120);
    const attempts = await delivery.attempts(sid);
    expect(attempts.map(({ outcome, http_status }) => [outcome, http_status])).toEqual([
      ['retry', null],
      ['retry', 503],
      ['delivered', 200],
    ]);
    expect(attempts.map(({ jti }) => jti)).toEqual(tokens.map(({ jti }) => jti));
  });

  it('goes on for 24 hours, tries once more at their end, and is then dead with the last reason', async () => {
    delivery.receiver.answerAlways({ status: 503 });
    const sid = await delivery.owed('shop');
    await delivery.pass();
    await world.time.advance(23 * 3_600_000 + 3_500_000);
    await delivery.pass();
    expect((await delivery.row(sid)).state).toBe('pending');
    await world.time.advance(101_000);
    await delivery.pass();
    expect(await delivery.row(sid)).toMatchObject({ state: 'dead', reason: 'gave up after 24 h, last: answered 503' });
  });

  it('burns no attempt while auth or token are away, however long', async () => {
    const sid = await delivery.owed('shop');
    delivery.authError = AWAY;
    await delivery.pass();
    expect(await delivery.row(sid)).toMatchObject({ state: 'pending', attempts: 0, reason: 'auth: not_ready' });
    delivery.authError = null;
    delivery.tokenError = AWAY;
    await world.time.advance(30 * 3_600_000);
    await delivery.pass();
    expect(await delivery.row(sid)).toMatchObject({ state: 'pending', attempts: 0, reason: 'token: not_ready' });
    delivery.tokenError = null;
    await world.time.advance(5_000);
    await delivery.pass();
    expect([await delivery.row(sid), await delivery.attempts(sid)]).toMatchObject([
      { state: 'delivered', attempts: 1 },
      [{ outcome: 'delivered' }],
    ]);
  });

  it('is dead when the signer refuses, naming why', async () => {
    delivery.tokenError = new InternalCallError('refused', '/internal/sign', 422, 'unsupported_alg');
    const sid = await delivery.owed('shop');
    await delivery.pass();
    expect(await delivery.row(sid)).toMatchObject({ state: 'dead', reason: 'the logout token was not signed: unsupported_alg' });
  });

  it.each([
    ['has no logout channel', {}, 'not_applicable', 'the client has no backchannel_logout_uri'],
    [
      'wants it encrypted',
      { backchannel_logout_uri: 'https://a.example', id_token_encrypted_response_alg: 'RSA-OAEP' },
      'dead',
      'encrypted',
    ],
  ])('a client that %s: no attempt', async (_, metadata, state, reason) => {
    delivery.register('wall', metadata);
    const sid = await delivery.owed('wall');
    await delivery.pass();
    const row = await delivery.row(sid, 'wall');
    expect(row).toMatchObject({ state, attempts: 0 });
    expect(row.reason).toContain(reason);
  });

  it('a client that is no longer registered: not applicable', async () => {
    const sid = await delivery.owed('gone');
    await delivery.pass();
    expect(await delivery.row(sid, 'gone')).toMatchObject({ state: 'not_applicable' });
  });

  it('waits longer each time, from a second to an hour, never in step with others', () => {
    const delays = (random: number) => Array.from({ length: 16 }, (_, attempts) => retryDelay(attempts, null, () => random));
    expect(delays(0).slice(0, 4)).toEqual([1, 1, 2, 4]);
    expect(delays(0.999).slice(0, 2).map(Math.round)).toEqual([1, 2]);
    for (const delay of [...delays(0), ...delays(0.5), ...delays(1)]) expect(delay >= 1 && delay <= 3_600).toBe(true);
    expect([retryDelay(0, 90), retryDelay(0, 1e9)]).toEqual([90, 3_600]);
  });
});
