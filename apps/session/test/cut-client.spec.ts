import type { CallingClient } from '#libs/admin-api';
import { CutClient } from '../src/admin/cut-client.js';
import { ReplayDeliveries } from '../src/admin/replay-deliveries.js';
import { AWAY, claimsOf, DeliveryWorld } from './delivery-world.js';
import { SessionWorld } from './session-world.js';

const CALLER: CallingClient = { clientId: 'ops', sub: 'ops', tokenId: 'token-1', actor: 'client:ops', scopes: ['lanyard:sessions:write'] };

describe('one client cut out of a session', () => {
  let world: SessionWorld;
  let out: DeliveryWorld;
  let cuts: CutClient;
  beforeAll(async () => {
    world = await SessionWorld.open();
  });
  beforeEach(async () => {
    await world.reset();
    out = await DeliveryWorld.open(world);
    out.register('shop');
    cuts = new CutClient(world.db, out.cuts, { nudge: () => undefined } as never);
  });
  afterEach(() => out.close());
  afterAll(() => world.close());

  const joined = async (...clients: string[]) => {
    const { session } = await world.signIn();
    for (const client of clients) await world.truth.withParticipant(session.sid, client);
    return session.sid;
  };
  const rows = (sid: string) =>
    world.rows('SELECT client_id, round, state, grants_due FROM session.delivery WHERE sid = $1 ORDER BY delivery_id', [sid]);

  it('has its grants revoked and one notice sent; the session and the others go on', async () => {
    const sid = await joined('shop', 'book');
    expect(await cuts.cut(sid, 'shop', CALLER)).toEqual({ ended: true, revoked: 1, confirmed: true });
    expect(out.revoked).toEqual([{ by: { sid, client_id: 'shop' }, reason: 'admin', actor: 'client:ops' }]);
    expect(await out.pass()).toBe(1);
    const [sent] = await out.receiver.received(1);
    expect(claimsOf(sent?.logoutToken ?? '')).toMatchObject({ sid, aud: 'shop' });
    expect(await world.truth.bySid(sid)).toMatchObject({ alive: true });
    expect(await world.events('SessionEnded')).toEqual([]);
    await world.end(sid);
    expect(await rows(sid)).toMatchObject([{ client_id: 'shop' }, { client_id: 'book', grants_due: null }]);
  });

  it('hears nothing before its grants are dead: the token service was away, or the process died after the commit', async () => {
    const sid = await joined('shop');
    out.tokenError = AWAY;
    expect(await cuts.cut(sid, 'shop', CALLER)).toEqual({ ended: true, revoked: null, confirmed: false });
    await out.pass();
    expect(await rows(sid)).toMatchObject([{ state: 'pending', grants_due: true }]);
    expect(out.receiver.deliveries).toEqual([]);
    out.tokenError = null;
    await world.time.advance(5_000);
    await out.pass();
    expect(out.revoked).toEqual([{ by: { sid, client_id: 'shop' }, reason: 'admin', actor: 'client:ops' }]);
    expect(await rows(sid)).toEqual([{ client_id: 'shop', round: 1, state: 'delivered', grants_due: false }]);
  });

  it('keeps what it got by signing in again while its notice was still being tried', async () => {
    const sid = await joined('shop');
    out.receiver.answerNext({ status: 503 });
    await cuts.cut(sid, 'shop', CALLER);
    await out.pass();
    await world.truth.withParticipant(sid, 'shop');
    await world.time.advance(60_000);
    await out.pass();
    expect(out.revoked).toHaveLength(1);
    await world.end(sid);
    expect(await rows(sid)).toEqual([
      { client_id: 'shop', round: 1, state: 'delivered', grants_due: false },
      { client_id: 'shop', round: 2, state: 'pending', grants_due: null },
    ]);
  });

  it('is cut once by many at once, and the repeated call asks again whether it is true', async () => {
    const sid = await joined('shop');
    const answers = await Promise.all([1, 2, 3].map(() => cuts.cut(sid, 'shop', CALLER)));
    expect(answers.filter(({ ended }) => ended)).toHaveLength(1);
    expect(answers.every(({ confirmed }) => confirmed)).toBe(true);
    expect(await rows(sid)).toHaveLength(1);
    expect(await world.rows("SELECT FROM session.audit WHERE action = 'participant.ended' AND target = $1", [sid])).toHaveLength(1);
  });

  it('waits for a code that is being exchanged, and counts its client', async () => {
    const { session } = await world.signIn();
    const held = world.gate.hold('session.truth.before-commit');
    const exchange = world.truth.withParticipant(session.sid, 'shop');
    await held.reached;
    const cut = cuts.cut(session.sid, 'shop', CALLER);
    await world.waitingForLocks();
    held.release();
    expect(await exchange).toMatchObject({ alive: true });
    expect(await cut).toMatchObject({ ended: true });
  });

  it('is refused for a session that is not, or has ended, and a client that never took part', async () => {
    const sid = await joined('shop');
    await expect(cuts.cut('nowhere', 'shop', CALLER)).rejects.toMatchObject({ status: 404 });
    await expect(cuts.cut(sid, 'book', CALLER)).rejects.toMatchObject({ status: 404 });
    await world.time.freezeAt(await world.deadline(sid));
    await expect(cuts.cut(sid, 'shop', CALLER)).rejects.toMatchObject({ status: 409 });
    expect(await rows(sid)).toEqual([]);
  });

  it('dead notices are sent again once, whoever asks, for another day', async () => {
    const replays = new ReplayDeliveries(world.db, { nudge: () => undefined } as never);
    out.receiver.answerNext({ status: 400 });
    const sid = await out.owed('shop');
    await out.pass();
    expect(await out.row(sid)).toMatchObject({ state: 'dead', attempts: 1 });
    await world.time.advance(48 * 3_600_000);
    const answers = await Promise.all([1, 2, 3].map(() => replays.many({ all: true, limit: 10 }, CALLER)));
    expect(answers.flatMap(({ replayed }) => replayed)).toHaveLength(1);
    out.receiver.answerNext({ status: 503 });
    await out.pass();
    expect(await out.row(sid)).toMatchObject({ state: 'pending', attempts: 2 });
    await world.time.advance(60_000);
    await out.pass();
    expect(await out.row(sid)).toMatchObject({ state: 'delivered', attempts: 3 });
    expect(await out.attempts(sid)).toHaveLength(3);
  });
});
