import type { EventPayload } from '#libs/contracts';
import { randomId } from '#libs/database';
import { EndOutdated } from '../src/signals/end-outdated.js';
import { SessionWorld } from './session-world.js';

type Change = EventPayload<'SubjectChanged'>['change'];

describe('generations of subjects', () => {
  let world: SessionWorld;
  let outdated: EndOutdated;
  beforeAll(async () => {
    world = await SessionWorld.open();
    outdated = new EndOutdated(world.db, world.ports, world.afterEnd);
  });
  beforeEach(() => world.reset());
  afterAll(() => world.close());

  const changed = (change: Change, gen: number, eventId = randomId()) => outdated.end(eventId, { sub: 'jane', gen, change });
  const alive = async (sid: string) => (await world.truth.bySid(sid)).alive;

  it.each([
    ['disabled', 'subject_disabled'],
    ['revoked_all', 'subject_revoked'],
    ['password_changed', 'password_changed'],
  ] as const)('%s ends the sessions of lower generations, with the reason %s', async (change, reason) => {
    const { session } = await world.signIn();
    const other = await world.signIn({ sub: 'bob' });
    await changed(change, 2);
    expect(await world.events('SessionEnded')).toMatchObject([{ sid: session.sid, reason, initiated_by: 'policy' }]);
    expect(await alive(other.session.sid)).toBe(true);
  });

  it('leaves a session of the new generation alone, and everything on a mere update', async () => {
    const old = await world.signIn();
    await changed('updated', 1);
    expect(await alive(old.session.sid)).toBe(true);
    const fresh = await world.signIn({ subject_gen: 2 });
    await changed('password_changed', 2);
    expect([await alive(old.session.sid), await alive(fresh.session.sid)]).toEqual([false, true]);
  });

  it('handles an event once, however often it is delivered', async () => {
    const event = randomId();
    await world.signIn();
    const before = world.gate.visits('session.signal.after-generation');
    await Promise.all([changed('disabled', 2, event), changed('disabled', 2, event), changed('disabled', 2, event)]);
    expect(await world.events('SessionEnded')).toHaveLength(1);
    expect(world.gate.visits('session.signal.after-generation') - before).toBe(1);
  });

  it('forgets the event with its work when it fails between the two, and does both at the next delivery', async () => {
    const event = randomId();
    const { session } = await world.signIn();
    world.gate.failOnce('session.signal.after-generation', new Error('power cut'));
    await expect(changed('disabled', 2, event)).rejects.toThrow('power cut');
    expect(await alive(session.sid)).toBe(true);
    await changed('disabled', 2, event);
    expect(await alive(session.sid)).toBe(false);
  });

  it('race 17: a login that read the user before it was disabled is refused when it comes after', async () => {
    await changed('disabled', 2);
    await expect(world.signIn({ subject_gen: 1 })).rejects.toThrow('the login pins generation 1, known is 2');
    expect(await world.rows('SELECT sid FROM session.session')).toEqual([]);
    // Re-enabled: generation 3. A login by today's record works; what was killed stays dead.
    await changed('enabled', 3);
    expect(await alive((await world.signIn({ subject_gen: 3 })).session.sid)).toBe(true);
  });

  it('race 10: the disabling waits for a login under way, and ends what it started', async () => {
    const place = world.gate.hold('session.start.before-commit');
    const login = world.signIn({ subject_gen: 1 });
    await place.reached;
    const disabling = changed('disabled', 2);
    await world.waitingForLocks();
    place.release();
    const { session } = await login;
    await disabling;
    expect(await alive(session.sid)).toBe(false);
    expect(await world.events('SessionEnded')).toMatchObject([{ sid: session.sid, reason: 'subject_disabled' }]);
  });

  it('race 10: the login waits for a disabling under way, and is refused', async () => {
    const place = world.gate.hold('session.signal.after-generation');
    const disabling = changed('disabled', 2);
    await place.reached;
    const login = world.signIn({ subject_gen: 1 });
    login.catch(() => undefined);
    await world.waitingForLocks();
    place.release();
    await disabling;
    await expect(login).rejects.toThrow('known is 2');
    expect(await world.rows('SELECT sid FROM session.session')).toEqual([]);
  });

  it('race 10: a login does not carry over a session that a newer generation is about to end', async () => {
    const old = await world.signIn({ subject_gen: 1 });
    const fresh = await world.signIn({ subject_gen: 2, cookie: old.cookie });
    expect([fresh.session.sid === old.session.sid, fresh.ended_sid]).toEqual([false, old.session.sid]);
    await changed('password_changed', 2);
    expect([await alive(old.session.sid), await alive(fresh.session.sid)]).toEqual([false, true]);
  });

  it('race 10: a login with the cookie of a session that is being ended gets a session of its own', async () => {
    const old = await world.signIn();
    const place = world.gate.hold('session.end.before-commit');
    const ending = world.end(old.session.sid);
    await place.reached;
    const login = world.signIn({ cookie: old.cookie });
    await world.waitingForLocks();
    place.release();
    await ending;
    const fresh = await login;
    expect(fresh.session.sid).not.toBe(old.session.sid);
    expect([await alive(old.session.sid), await alive(fresh.session.sid)]).toEqual([false, true]);
  });

  it('race 10: of two logins with one cookie one keeps the sid; the other can not take it over', async () => {
    const first = await world.signIn();
    const place = world.gate.hold('session.start.after-generation');
    const logins = [world.signIn({ cookie: first.cookie }), world.signIn({ sub: 'bob', cookie: first.cookie })];
    await place.reached;
    place.release();
    const [jane, bob] = await Promise.all(logins);
    expect(jane?.session.sub).toBe('jane');
    expect(bob?.session.sub).toBe('bob');
    expect(bob?.session.sid).not.toBe(first.session.sid);
    expect(await world.truth.byCookie(first.cookie)).toMatchObject({ alive: false });
    const owners = await world.rows<{ sub: string }>('SELECT sub FROM session.session WHERE sid = $1', [first.session.sid]);
    expect(owners).toEqual([{ sub: 'jane' }]);
  });
});
