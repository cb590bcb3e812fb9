import { until } from '#libs/testing';
import { PER_HOST } from '../src/backchannel/host-slots.js';
import { settleAttempt } from '../src/backchannel/settle-delivery.js';
import { claimsOf, DeliveryWorld } from './delivery-world.js';
import { SessionWorld } from './session-world.js';

describe('claims, leases and slow receivers', () => {
  let world: SessionWorld;
  let delivery: DeliveryWorld;
  let opened: DeliveryWorld[];
  const open = async (options?: Parameters<typeof DeliveryWorld.open>[1]) => {
    const another = await DeliveryWorld.open(world, options);
    opened.push(another);
    return another;
  };
  beforeAll(async () => {
    world = await SessionWorld.open();
  });
  beforeEach(async () => {
    await world.reset();
    opened = [];
    delivery = await open();
    delivery.register('shop');
  });
  afterEach(async () => {
    for (const one of opened) await one.close();
  });
  afterAll(() => world.close());

  it.each(['after-claim', 'before-send'])(
    'crash at session.deliver.%s: nothing was sent; it is claimed again after its lease and delivered',
    async (place) => {
      const sid = await delivery.owed('shop');
      world.gate.failOnce(`session.deliver.${place}`, new Error('power cut'));
      await expect(delivery.pass()).rejects.toThrow('power cut');
      expect([await delivery.pass(), delivery.receiver.deliveries]).toEqual([0, []]);
      await world.time.advance(31_000);
      await delivery.pass();
      expect(await delivery.row(sid)).toMatchObject({ state: 'delivered', attempts: 2 });
      expect((await delivery.attempts(sid)).map(({ outcome }) => outcome)).toEqual(['lost', 'delivered']);
    },
  );

  it('crash at session.deliver.after-send: the receiver hears of it twice, under two jti, and both are on record', async () => {
    const sid = await delivery.owed('shop');
    world.gate.failOnce('session.deliver.after-send', new Error('power cut'));
    await expect(delivery.pass()).rejects.toThrow('power cut');
    await world.time.advance(31_000);
    await delivery.pass();
    const sent = delivery.receiver.deliveries.map(({ logoutToken }) => claimsOf(logoutToken).jti);
    expect(sent).toHaveLength(2);
    expect((await delivery.attempts(sid)).map(({ jti }) => jti)).toEqual(sent);
  });

  it('gives each row to one of several claimers at once', async () => {
    for (let n = 0; n < 12; n++) await delivery.owed('shop', 'wall', 'gone');
    const claims = await Promise.all([delivery.claim(), delivery.claim(), delivery.claim(), delivery.claim()]);
    const ids = claims.flat().map(({ delivery_id }) => delivery_id);
    expect(ids.length).toBeGreaterThanOrEqual(3 * PER_HOST);
    expect(new Set(ids).size).toBe(ids.length);
    for (const claim of claims) expect(claim.filter(({ client_id }) => client_id === 'shop').length).toBeLessThanOrEqual(PER_HOST);
  });

  it('passes over a row that somebody holds, instead of waiting behind it', async () => {
    const [held, free] = [await delivery.owed('shop'), await delivery.owed('shop')];
    await world.db.transaction(async (tx) => {
      await tx.query('SELECT FROM delivery WHERE sid = $1 FOR UPDATE', [held]);
      expect((await delivery.claim()).map(({ sid }) => sid)).toEqual([free]);
    });
  });

  it('a sender that lost its lease may not schedule or kill what another sends; its success counts', async () => {
    const sid = await delivery.owed('shop');
    const [late] = await delivery.claim();
    await world.time.advance(31_000);
    const [current] = await delivery.claim();
    if (!late || !current) throw new Error('not claimed');
    expect(current.delivery_id).toBe(late.delivery_id);
    expect(await settleAttempt(world.db, late, { kind: 'dead', status: 400, reason: 'too late' }, 5)).toBeNull();
    expect((await delivery.row(sid)).state).toBe('pending');
    expect(await settleAttempt(world.db, late, { kind: 'delivered', status: 200 }, 5)).toBe('delivered');
    expect(await settleAttempt(world.db, current, { kind: 'retry', status: 503, reason: 'answered 503', retryAfter: null }, 5)).toBeNull();
    expect(await delivery.row(sid)).toMatchObject({ state: 'delivered' });
    expect((await delivery.attempts(sid)).map(({ outcome }) => outcome).toSorted()).toEqual(['delivered', 'retry']);
  });

  it('a receiver that stalls holds its own slots only: every other client is told meanwhile', async () => {
    const slow = await open();
    slow.receiver.answerAlways('hang');
    delivery.register('stalled', { backchannel_logout_uri: slow.receiver.url });
    for (let n = 0; n < PER_HOST + 5; n++) await delivery.owed('stalled');
    const quick: string[] = [];
    for (let n = 0; n < 20; n++) quick.push(await delivery.owed('shop', 'stalled'));
    delivery.loop.start();
    await delivery.receiver.received(20);
    await slow.receiver.received(PER_HOST);
    const delivered = async () => (await Promise.all(quick.map((sid) => delivery.row(sid)))).every(({ state }) => state === 'delivered');
    await until(delivered);
    expect(slow.receiver.deliveries).toHaveLength(PER_HOST);
    slow.receiver.answerAlways({ status: 200 });
    slow.receiver.release();
    await slow.receiver.received(PER_HOST + 25);
    const left = async () => (await world.rows("SELECT FROM session.delivery WHERE state <> 'delivered'")).length === 0;
    await until(left);
  });

  it('clients behind one host share its slots', async () => {
    delivery.receiver.answerAlways('hang');
    const clients = Array.from({ length: 3 }, (_, n) => `tenant-${n}`);
    for (const client of clients) delivery.register(client);
    for (let n = 0; n < PER_HOST; n++) await delivery.owed(...clients);
    delivery.loop.start();
    await delivery.receiver.received(PER_HOST);
    await until(async () => (await world.rows('SELECT FROM session.delivery WHERE claim IS NOT NULL')).length === PER_HOST);
    expect(delivery.receiver.deliveries).toHaveLength(PER_HOST);
    delivery.receiver.answerAlways({ status: 200 });
    delivery.receiver.release();
    await delivery.receiver.received(3 * PER_HOST);
  });

  it('an end is answered while its receiver stalls', async () => {
    delivery.receiver.answerAlways('hang');
    delivery.loop.start();
    const sid = await delivery.owed('shop');
    await delivery.receiver.received(1);
    expect(await world.truth.bySid(sid)).toMatchObject({ alive: false });
    expect((await delivery.row(sid)).state).toBe('pending');
  });

  it('a name that resolves to a private address when it is sent is dead at once, and nothing is connected to', async () => {
    const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
    const strict = await open({ issuer: 'https://login.example', allowPrivate: false, resolve });
    strict.register('rebind', { backchannel_logout_uri: 'https://rebind.example/logout' });
    strict.register('plain', { backchannel_logout_uri: strict.receiver.url });
    const sid = await strict.owed('rebind', 'plain');
    await strict.pass();
    const reason = 'receiver refused by policy: rebind.example is at 127.0.0.1, which is not a public address';
    expect(await strict.row(sid, 'rebind')).toMatchObject({ state: 'dead', reason });
    expect(await strict.row(sid, 'plain')).toMatchObject({ state: 'dead', attempts: 0 });
    expect(strict.receiver.deliveries).toEqual([]);
  });

  it('a name that does not resolve may do so later', async () => {
    const resolve = () => Promise.reject(Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' }));
    const offline = await open({ issuer: 'https://login.example', allowPrivate: false, resolve });
    offline.register('shop', { backchannel_logout_uri: 'https://shop.example/logout' });
    const sid = await offline.owed('shop');
    await offline.pass();
    expect(await offline.row(sid)).toMatchObject({ state: 'pending', reason: 'EAI_AGAIN' });
  });
});
