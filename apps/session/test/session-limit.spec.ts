import { Lifetimes } from '../src/sessions/lifetimes.js';
import { SETTINGS, SessionWorld } from './session-world.js';

describe('at most N sessions per user', () => {
  let world: SessionWorld;
  beforeAll(async () => {
    world = await SessionWorld.open({ ...SETTINGS, max_sessions_per_user: 2 });
  });
  beforeEach(() => world.reset());
  afterAll(() => world.close());

  const alive = async (sid: string) => (await world.truth.bySid(sid)).alive;
  const signInLater = async (request: Parameters<SessionWorld['signIn']>[0] = {}) => {
    await world.time.advance(1_000);
    return (await world.signIn(request)).session.sid;
  };

  it('ends the oldest when one more starts, for its reason, and tells the views and its clients', async () => {
    const [first, second] = [await signInLater(), await signInLater()];
    await world.truth.withParticipant(first, 'shop');
    const third = await signInLater();
    expect([await alive(first), await alive(second), await alive(third)]).toEqual([false, true, true]);
    expect(await world.events('SessionEnded')).toMatchObject([{ sid: first, reason: 'session_limit', initiated_by: 'policy' }]);
    expect(world.hinted.flat()).toMatchObject([{ kind: 'session', id: first }]);
    expect(await world.rows('SELECT client_id, state FROM session.delivery')).toEqual([{ client_id: 'shop', state: 'pending' }]);
    expect(await world.rows("SELECT actor, reason FROM session.audit WHERE action = 'session.ended'")).toContainEqual({
      actor: 'policy',
      reason: 'session_limit',
    });
  });

  it('counts each user alone, no session that is due, and no login that only renews one', async () => {
    const mine = await world.signIn();
    await signInLater({ sub: 'john' });
    await signInLater({ sub: 'john' });
    const kept = await signInLater();
    expect((await world.signIn({ cookie: mine.cookie })).session.sid).toBe(mine.session.sid);
    expect(await world.events('SessionEnded')).toEqual([]);
    await world.time.freezeAt(Math.max(await world.deadline(kept), await world.deadline(mine.session.sid)));
    const [next, last] = [(await world.signIn()).session.sid, (await world.signIn()).session.sid];
    expect([await alive(next), await alive(last)]).toEqual([true, true]);
    expect(await world.events('SessionEnded')).toEqual([]);
  });

  it('logins at once find room one after the other', async () => {
    await Promise.all(Array.from({ length: 8 }, () => world.signIn()));
    expect(await world.rows("SELECT FROM session.session WHERE state = 'active'")).toHaveLength(2);
    expect(await world.events('SessionEnded')).toHaveLength(6);
  });

  it('is one transaction: when the new session can’t start, no old one ends', async () => {
    const [first, second] = [await signInLater(), await signInLater()];
    await world.database.query(`CREATE FUNCTION session.refuse_start() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not today'; END $$;
      CREATE TRIGGER refuse_start BEFORE INSERT ON session.session FOR EACH ROW EXECUTE FUNCTION session.refuse_start()`);
    await expect(world.signIn()).rejects.toThrow('not today');
    await world.database.query('DROP FUNCTION session.refuse_start CASCADE');
    expect([await alive(first), await alive(second)]).toEqual([true, true]);
    expect(await world.events('SessionEnded')).toEqual([]);
  });

  it('a limit that became lower holds from the next login on; 0 is none', async () => {
    expect(new Lifetimes(SETTINGS).perUser).toBe(0);
    const [first, second] = [await signInLater(), await signInLater()];
    Object.assign(world.lifetimes, { perUser: 1 });
    const third = await signInLater();
    expect([await alive(first), await alive(second), await alive(third)]).toEqual([false, false, true]);
    Object.assign(world.lifetimes, { perUser: 0 });
    for (let n = 0; n < 5; n++) await world.signIn();
    expect(await world.rows("SELECT FROM session.session WHERE state = 'active'")).toHaveLength(6);
    Object.assign(world.lifetimes, { perUser: 2 });
  });
});
