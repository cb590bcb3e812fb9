import { Lifetimes } from '../src/sessions/lifetimes.js';
import { SETTINGS, SessionWorld } from './session-world.js';

describe('starting, renewing and touching a session', () => {
  let world: SessionWorld;
  beforeAll(async () => {
    world = await SessionWorld.open();
  });
  beforeEach(() => world.reset());
  afterAll(() => world.close());

  it('starts with the lifetimes of the settings, an event, an audit line, and a cookie that is not the sid', async () => {
    const { session, cookie, cookie_max_age, ended_sid } = await world.signIn();
    expect(session).toMatchObject({ sub: 'jane', subject_gen: 1, amr: ['pwd'], remember: false, ip: '192.0.2.7', user_agent: 'a browser' });
    expect(session.idle_deadline - session.started_at).toBe(SETTINGS.session_idle * 1000);
    expect(session.absolute_deadline - session.started_at).toBe(SETTINGS.session_max * 1000);
    expect([cookie_max_age, ended_sid]).toEqual([null, null]);
    expect(cookie).toMatch(/^lanyard_sc_[\w-]{43}$/);
    expect(cookie).not.toContain(session.sid);
    expect(await world.events('SessionStarted')).toEqual([
      { sid: session.sid, sub: 'jane', auth_time: session.auth_time, remember: false },
    ]);
    const audit = await world.rows('SELECT actor, action, target FROM session.audit WHERE target = $1', [session.sid]);
    expect(audit).toEqual([{ actor: 'jane', action: 'session.started', target: session.sid }]);
  });

  it('lives longer when remembered, and its cookie as long as it can', async () => {
    const { session, cookie_max_age } = await world.signIn({ remember: true });
    expect(session.idle_deadline - session.started_at).toBe(SETTINGS.remember_idle * 1000);
    expect(cookie_max_age).toBe(SETTINGS.remember_max);
  });

  it('keeps the sid when the same user signs in again, with a new cookie and auth_time; the old cookie is dead', async () => {
    const first = await world.signIn();
    await world.time.advance(60_000);
    const second = await world.signIn({ cookie: first.cookie, amr: ['pwd', 'otp'] });
    expect([second.session.sid, second.ended_sid]).toEqual([first.session.sid, null]);
    expect(second.session.auth_time - first.session.auth_time).toBeGreaterThanOrEqual(60_000);
    expect(second.session.started_at).toBe(first.session.started_at);
    expect(second.session.amr).toEqual(['pwd', 'otp']);
    expect(await world.truth.byCookie(first.cookie)).toMatchObject({ alive: false });
    expect(await world.truth.byCookie(second.cookie)).toMatchObject({ alive: true, session: { sid: first.session.sid } });
    expect(await world.events('SessionEnded')).toEqual([]);
  });

  it('ends the old session and starts another in one transaction when another user signs in (user_switch)', async () => {
    const jane = await world.signIn();
    const place = world.gate.hold('session.start.before-commit');
    const switching = world.signIn({ sub: 'bob', cookie: jane.cookie });
    await place.reached;
    expect(await world.truth.bySid(jane.session.sid)).toMatchObject({ alive: true });
    expect(await world.events('SessionEnded')).toEqual([]);
    place.release();
    const bob = await switching;
    expect(bob.ended_sid).toBe(jane.session.sid);
    expect(bob.session.sid).not.toBe(jane.session.sid);
    expect(await world.truth.bySid(jane.session.sid)).toMatchObject({ alive: false });
    expect(await world.events('SessionEnded')).toMatchObject([{ sid: jane.session.sid, reason: 'user_switch', initiated_by: 'user' }]);
    expect(world.hinted.flat().map(({ id }) => id)).toEqual([jane.session.sid]);
  });

  it('takes a cookie of another form, an ended or an unknown one for none', async () => {
    const { session, cookie } = await world.signIn();
    expect((await world.signIn({ cookie: cookie.slice(0, -1) })).session.sid).not.toBe(session.sid);
    expect((await world.signIn({ cookie: `${cookie}A` })).session.sid).not.toBe(session.sid);
    expect((await world.signIn({ cookie: session.sid })).session.sid).not.toBe(session.sid);
    expect(await world.truth.byCookie(session.sid)).toMatchObject({ alive: false });
    await world.end(session.sid);
    const next = await world.signIn({ cookie });
    expect([next.session.sid === session.sid, next.ended_sid]).toEqual([false, null]);
  });

  it('does not renew a session that has expired: it ends as an expiry and another starts', async () => {
    const first = await world.signIn();
    await world.time.advance(SETTINGS.session_idle * 1000);
    const second = await world.signIn({ cookie: first.cookie });
    expect(second.session.sid).not.toBe(first.session.sid);
    expect(await world.events('SessionEnded')).toMatchObject([
      { sid: first.session.sid, reason: 'idle_timeout', initiated_by: 'policy', ended_at: first.session.idle_deadline },
    ]);
  });

  it('skips a touch that would move the deadline by less than 30 s, and makes one that moves it by more', async () => {
    const { session } = await world.signIn();
    await world.time.freezeAt(session.started_at + 29_999);
    expect(await world.touches.touch(session.sid)).toMatchObject({ alive: true, touch_due: false });
    expect(await world.deadline(session.sid)).toBe(session.idle_deadline);
    await world.time.freezeAt(session.started_at + 30_001);
    expect(await world.truth.bySid(session.sid)).toMatchObject({ alive: true, touch_due: true });
    const touched = await world.touches.touch(session.sid);
    expect(touched).toMatchObject({ alive: true, touch_due: false, session: { last_seen_at: session.started_at + 30_001 } });
    expect(await world.deadline(session.sid)).toBe(session.started_at + 30_001 + SETTINGS.session_idle * 1000);
  });

  it('never moves the idle deadline beyond the absolute one', async () => {
    const { session } = await world.signIn();
    for (let at = session.started_at; at < session.absolute_deadline - 60_000; at += 1_700_000) {
      await world.time.freezeAt(at);
      expect(await world.touches.touch(session.sid)).toMatchObject({ alive: true });
    }
    expect(await world.deadline(session.sid)).toBe(session.absolute_deadline);
    expect(await world.truth.bySid(session.sid)).toMatchObject({ alive: true, touch_due: false });
    await world.time.freezeAt(session.absolute_deadline);
    expect(await world.touches.touch(session.sid)).toMatchObject({ alive: false });
  });

  it('lists the living sessions of a subject, the latest seen first', async () => {
    const { listAlive } = await import('../src/sessions/session.store.js');
    const [phone, laptop] = [await world.signIn({ user_agent: 'phone' }), await world.signIn({ user_agent: 'laptop' })];
    const ended = await world.signIn();
    await world.end(ended.session.sid);
    await world.signIn({ sub: 'bob' });
    const sids = (await listAlive(world.db, 'jane', 50)).map(({ sid }) => sid);
    expect(sids).toEqual([laptop.session.sid, phone.session.sid]);
  });
});

describe('the step of a touch', () => {
  it.each([
    [1_800, 30_000],
    [60, 1_000],
    [1_209_600, 30_000],
  ])('with an idle time of %i s is %i ms', (idle, step) => {
    const lifetimes = new Lifetimes({ ...SETTINGS, session_idle: idle });
    const session = { remember: false, idle_deadline: idle * 1000, absolute_deadline: 1e12 };
    expect([lifetimes.touchDue(session, step - 1), lifetimes.touchDue(session, step)]).toEqual([false, true]);
  });
});
