import { Log } from '#libs/http';
import { Reaper } from '../src/expiry/reaper.js';
import { causeFor, SessionWorld } from './session-world.js';

describe('the end of a session and its races', () => {
  let world: SessionWorld;
  let reaper: Reaper;
  beforeAll(async () => {
    world = await SessionWorld.open();
    reaper = new Reaper(world.db, world.ports, world.afterEnd, Log.open({ level: 'silent', service: 'session' }), world.gate);
  });
  beforeEach(() => world.reset());
  afterAll(() => world.close());

  const participantsOf = async (sid: string, ...clients: string[]) => {
    for (const client of clients) expect(await world.truth.withParticipant(sid, client)).toMatchObject({ alive: true });
  };
  const deliveriesOf = async (sid: string) =>
    (await world.rows<{ client_id: string }>('SELECT client_id FROM session.delivery WHERE sid = $1 ORDER BY client_id', [sid])).map(
      ({ client_id }) => client_id,
    );

  it('writes row, event, entry, a delivery per participant and audit in one transaction, then hints, then answers', async () => {
    const { session } = await world.signIn();
    await participantsOf(session.sid, 'shop', 'wall', 'shop');
    const answer = await world.end(session.sid, 'rp_logout');
    expect(answer).toMatchObject({ ended: true, confirmed: true });
    expect(await world.truth.bySid(session.sid)).toMatchObject({ alive: false });
    expect(await world.events('SessionEnded')).toEqual([
      {
        sid: session.sid,
        sub: 'jane',
        reason: 'rp_logout',
        initiated_by: 'user',
        ended_at: answer.ended_at,
        end_id: answer.end_id,
        actor: 'jane',
      },
    ]);
    expect(await world.entries()).toEqual([session.sid]);
    expect(await deliveriesOf(session.sid)).toEqual(['shop', 'wall']);
    expect(world.hinted).toMatchObject([[{ kind: 'session', id: session.sid }]]);
    expect(world.deliveryNudges).toBeGreaterThan(0);
    const audit = await world.rows("SELECT actor, reason, details FROM session.audit WHERE action = 'session.ended' AND target = $1", [
      session.sid,
    ]);
    expect(audit).toEqual([{ actor: 'jane', reason: 'rp_logout', details: { end_id: answer.end_id, sub: 'jane' } }]);
  });

  it.each(['after-row', 'after-outbox', 'after-deliveries', 'before-commit'])(
    'leaves nothing when it fails at session.end.%s',
    async (place) => {
      const { session } = await world.signIn();
      await participantsOf(session.sid, 'shop');
      world.gate.failOnce(`session.end.${place}`, new Error('power cut'));
      await expect(world.end(session.sid)).rejects.toThrow('power cut');
      expect(await world.truth.bySid(session.sid)).toMatchObject({ alive: true });
      expect([await world.events('SessionEnded'), await world.entries(), await deliveriesOf(session.sid)]).toEqual([[], [], []]);
      expect(await world.end(session.sid)).toMatchObject({ ended: true });
    },
  );

  it.each(['after-commit', 'after-nudge', 'after-confirm'])('has ended durably when the process dies at session.end.%s', async (place) => {
    const { session } = await world.signIn();
    await participantsOf(session.sid, 'shop');
    world.gate.failOnce(`session.end.${place}`, new Error('power cut'));
    await expect(world.end(session.sid)).rejects.toThrow('power cut');
    expect(await world.truth.bySid(session.sid)).toMatchObject({ alive: false });
    expect([await world.entries(), await deliveriesOf(session.sid)]).toEqual([[session.sid], ['shop']]);
    // The caller that got no answer asks again, and is told the same end, confirmed.
    const again = await world.end(session.sid);
    expect(again).toMatchObject({ ended: false, confirmed: true, end_id: expect.any(String) });
    expect(await world.events('SessionEnded')).toMatchObject([{ end_id: again.end_id }]);
  });

  it('says unconfirmed when a view did not answer, and for a session that never was', async () => {
    const { session } = await world.signIn();
    world.confirmed = false;
    expect(await world.end(session.sid)).toMatchObject({ ended: true, confirmed: false });
    expect(await world.end('no-such-session')).toEqual({ ended: false, ended_at: null, end_id: null, confirmed: false });
  });

  it('race 8: of twenty enders one writes, one event and one delivery per client; all name the same end', async () => {
    const { session } = await world.signIn();
    await participantsOf(session.sid, 'shop', 'wall');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => world.end(session.sid, n % 2 ? 'admin' : 'logout')));
    expect(answers.filter(({ ended }) => ended)).toHaveLength(1);
    expect(new Set(answers.map(({ end_id }) => end_id)).size).toBe(1);
    expect(answers.every(({ confirmed }) => confirmed)).toBe(true);
    expect(await world.events('SessionEnded')).toHaveLength(1);
    expect(await deliveriesOf(session.sid)).toEqual(['shop', 'wall']);
  });

  it('race 8: the reaper meets a logout that holds the row, and leaves it alone', async () => {
    const { session } = await world.signIn();
    const place = world.gate.hold('session.end.after-row');
    const ending = world.end(session.sid);
    await place.reached;
    await world.time.freezeAt(session.idle_deadline);
    await reaper.reapAll();
    place.release();
    expect(await ending).toMatchObject({ ended: true });
    expect(await world.events('SessionEnded')).toMatchObject([{ reason: 'logout' }]);
  });

  it('race 8: a logout that comes after the deadline writes the expiry, at its deadline, once', async () => {
    const { session } = await world.signIn();
    await world.time.freezeAt(session.idle_deadline + 400);
    expect(await world.end(session.sid)).toMatchObject({ ended: true, ended_at: session.idle_deadline });
    await reaper.reapAll();
    expect(await world.events('SessionEnded')).toMatchObject([{ reason: 'idle_timeout', initiated_by: 'policy' }]);
  });

  it('race 4: at one millisecond before the deadline a touch wins; at the deadline and after it the row is dead', async () => {
    for (const [offset, alive] of [
      [-1, true],
      [0, false],
      [1, false],
    ] as const) {
      const { session } = await world.signIn();
      await world.time.freezeAt(session.idle_deadline + offset);
      // Touch first.
      expect(await world.touches.touch(session.sid)).toMatchObject({ alive });
      await reaper.reapAll();
      expect(await world.truth.bySid(session.sid)).toMatchObject({ alive });
      // Reaper first.
      await world.time.reset();
      const other = await world.signIn();
      await world.time.freezeAt(other.session.idle_deadline + offset);
      await reaper.reapAll();
      expect(await world.touches.touch(other.session.sid)).toMatchObject({ alive });
      await world.time.reset();
    }
    const touchedAndEnded = await world.rows("SELECT sid FROM session.session WHERE state = 'ended' AND last_seen_at > ended_at");
    expect(touchedAndEnded).toEqual([]);
  });

  it('race 4: a touch in flight at the deadline wins over the reaper, which passes over the row it holds', async () => {
    const { session } = await world.signIn();
    await world.time.freezeAt(session.idle_deadline - 1);
    const place = world.gate.hold('session.touch.before-commit');
    const touching = world.touches.touch(session.sid);
    await place.reached;
    await world.time.freezeAt(session.idle_deadline + 1);
    await reaper.reapAll();
    const asking = world.truth.bySid(session.sid);
    await world.waitingForLocks();
    place.release();
    expect(await touching).toMatchObject({ alive: true });
    expect(await asking).toMatchObject({ alive: true });
    await reaper.reapAll();
    expect(await world.events('SessionEnded')).toEqual([]);
  });

  it('race 4: a touch that waited for the reaper past the deadline changes nothing', async () => {
    const { session } = await world.signIn();
    await world.time.freezeAt(session.idle_deadline - 1);
    const place = world.gate.hold('session.touch.before-lock');
    const touching = world.touches.touch(session.sid);
    await place.reached;
    await world.time.freezeAt(session.idle_deadline);
    const reaping = world.gate.hold('session.end.before-commit');
    const reaped = reaper.reapAll();
    await reaping.reached;
    place.release();
    await world.waitingForLocks();
    reaping.release();
    await reaped;
    expect(await touching).toMatchObject({ alive: false });
    const [row] = await world.rows('SELECT state, end_reason, lanyard.ms(ended_at)::float8 AS at FROM session.session WHERE sid = $1', [
      session.sid,
    ]);
    expect(row).toEqual({ state: 'ended', end_reason: 'idle_timeout', at: session.idle_deadline });
  });

  it('race 4: a touch that waited past the deadline behind a lock that changed nothing is refused too', async () => {
    const { session } = await world.signIn();
    await world.time.freezeAt(session.idle_deadline - 1);
    const recording = world.gate.hold('session.truth.before-commit');
    const exchange = world.truth.withParticipant(session.sid, 'shop');
    await recording.reached;
    const touching = world.touches.touch(session.sid);
    await world.waitingForLocks();
    await world.time.freezeAt(session.idle_deadline);
    recording.release();
    expect(await exchange).toMatchObject({ alive: true });
    expect(await touching).toMatchObject({ alive: false });
    expect(await world.deadline(session.sid)).toBe(session.idle_deadline);
  });

  it('S9: a participant recorded before the end is among its deliveries, because the end waits for it', async () => {
    const { session } = await world.signIn();
    const place = world.gate.hold('session.truth.before-commit');
    const exchange = world.truth.withParticipant(session.sid, 'shop');
    await place.reached;
    const ending = world.end(session.sid);
    await world.waitingForLocks();
    place.release();
    expect(await exchange).toMatchObject({ alive: true });
    expect(await ending).toMatchObject({ ended: true });
    expect(await deliveriesOf(session.sid)).toEqual(['shop']);
  });

  it('S9: a participant that comes while the end is under way is refused, and owed nothing', async () => {
    const { session } = await world.signIn();
    const place = world.gate.hold('session.end.before-commit');
    const ending = world.end(session.sid);
    await place.reached;
    const exchange = world.truth.withParticipant(session.sid, 'shop');
    await world.waitingForLocks();
    place.release();
    await ending;
    expect(await exchange).toMatchObject({ alive: false });
    expect(await deliveriesOf(session.sid)).toEqual([]);
  });

  it('ends all sessions of a subject but one; repeated, it ends nothing and confirms again', async () => {
    const kept = await world.signIn();
    const others = [await world.signIn(), await world.signIn()];
    const bob = await world.signIn({ sub: 'bob' });
    const first = await world.ends.endAll('jane', kept.session.sid, causeFor('admin'));
    expect([first.sids.toSorted(), first.confirmed]).toEqual([others.map(({ session }) => session.sid).toSorted(), true]);
    world.hinted.length = 0;
    expect(await world.ends.endAll('jane', kept.session.sid, causeFor('admin'))).toEqual({ sids: [], confirmed: true });
    expect(world.hinted.flat()).toHaveLength(2);
    expect(await world.truth.bySid(kept.session.sid)).toMatchObject({ alive: true });
    expect(await world.truth.bySid(bob.session.sid)).toMatchObject({ alive: true });
  });

  it('reaps what is due with several reapers at once: each session once, with its true reason, at its deadline', async () => {
    const idle = await Promise.all(Array.from({ length: 30 }, () => world.signIn()));
    const last = Math.max(...idle.map(({ session }) => session.absolute_deadline));
    const oldest = await world.signIn();
    await world.database.query('UPDATE session.session SET idle_deadline = absolute_deadline WHERE sid = $1', [oldest.session.sid]);
    await world.time.freezeAt(last + 60_000);
    await Promise.all([reaper.reapAll(), reaper.reapAll(), reaper.reapAll()]);
    const ended = await world.events('SessionEnded');
    expect(new Set(ended.map(({ sid }) => sid)).size).toBe(31);
    expect(ended).toHaveLength(31);
    expect(ended.filter(({ reason }) => reason === 'max_lifetime')).toMatchObject([
      { sid: oldest.session.sid, ended_at: oldest.session.absolute_deadline },
    ]);
    for (const { session } of idle) expect(ended.find(({ sid }) => sid === session.sid)).toMatchObject({ ended_at: session.idle_deadline });
  });
});
