import { randomId } from '#libs/database';
import { EndOutdated } from '../src/signals/end-outdated.js';
import { SessionWorld } from './session-world.js';

describe('a password changed from a session that stays', () => {
  let world: SessionWorld;
  let outdated: EndOutdated;
  beforeAll(async () => {
    world = await SessionWorld.open();
    outdated = new EndOutdated(world.db, world.ports, world.afterEnd);
  });
  beforeEach(() => world.reset());
  afterAll(() => world.close());

  const password = (gen: number, keep_sid?: string) =>
    ({ sub: 'jane', gen, change: 'password_changed', initiated_by: 'user', actor: 'jane', ...(keep_sid ? { keep_sid } : {}) }) as const;
  const alive = async (sid: string) => (await world.truth.bySid(sid)).alive;
  const genOf = async (sid: string) => (await world.rows('SELECT subject_gen FROM session.session WHERE sid = $1', [sid]))[0]?.subject_gen;

  it('goes on under the new generation; every other ends, by the user, for that reason', async () => {
    const [kept, other] = [await world.signIn(), await world.signIn()];
    expect(await outdated.endNow(password(2, kept.session.sid))).toBe(1);
    expect([await alive(kept.session.sid), await alive(other.session.sid)]).toEqual([true, false]);
    expect(await genOf(kept.session.sid)).toBe(2);
    expect(await world.events('SessionEnded')).toMatchObject([
      { sid: other.session.sid, reason: 'password_changed', initiated_by: 'user' },
    ]);
    expect(await world.rows("SELECT actor, reason FROM session.audit WHERE action = 'session.ended'")).toEqual([
      { actor: 'jane', reason: 'password_changed' },
    ]);
  });

  it('the call and the event, in either order: one end', async () => {
    const [kept, other] = [await world.signIn(), await world.signIn()];
    await Promise.all([outdated.endNow(password(2, kept.session.sid)), outdated.end(randomId(), password(2, kept.session.sid))]);
    expect([await alive(kept.session.sid), await alive(other.session.sid)]).toEqual([true, false]);
    expect(await world.events('SessionEnded')).toHaveLength(1);
  });

  it('is not carried over an earlier change that it outlived only because that event is late', async () => {
    const { session } = await world.signIn();
    await outdated.endNow(password(3, session.sid));
    expect(await alive(session.sid)).toBe(false);
  });

  it('is not turned on again when the change comes after its end', async () => {
    const { session } = await world.signIn();
    await outdated.end(randomId(), { sub: 'jane', gen: 3, change: 'disabled' });
    await outdated.end(randomId(), password(2, session.sid));
    expect(await alive(session.sid)).toBe(false);
    expect(await world.events('SessionEnded')).toMatchObject([{ reason: 'subject_disabled' }]);
  });

  it('of somebody else is none of hers', async () => {
    const { session } = await world.signIn({ sub: 'bob' });
    await outdated.endNow(password(2, session.sid));
    expect(await genOf(session.sid)).toBe(1);
  });
});
