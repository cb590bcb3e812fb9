import { Log } from '#libs/http';
import { shortenLifetimes } from '../src/expiry/shorten-lifetimes.js';
import { Sweeper } from '../src/expiry/sweeper.js';
import { Lifetimes } from '../src/sessions/lifetimes.js';
import { SETTINGS, SessionWorld } from './session-world.js';

const DAY = 86_400_000;

describe('settings that changed, and rows that are old', () => {
  let world: SessionWorld;
  beforeAll(async () => {
    world = await SessionWorld.open();
  });
  beforeEach(() => world.reset());
  afterAll(() => world.close());

  it('shorter lifetimes hold for sessions that exist; longer ones change nothing until the next activity', async () => {
    const plain = await world.signIn();
    const remembered = await world.signIn({ remember: true });
    const shorter = new Lifetimes({ ...SETTINGS, session_idle: 600, remember_idle: 3_600, remember_max: 7_200 });
    expect(await shortenLifetimes(world.db, shorter)).toBe(2);
    expect(await shortenLifetimes(world.db, shorter)).toBe(0);
    expect(await world.deadline(plain.session.sid)).toBe(plain.session.started_at + 600_000);
    const truth = await world.truth.bySid(remembered.session.sid);
    const { started_at } = remembered.session;
    expect(truth).toMatchObject({ session: { idle_deadline: started_at + 3_600_000, absolute_deadline: started_at + 7_200_000 } });
    expect(await shortenLifetimes(world.db, new Lifetimes(SETTINGS))).toBe(0);
  });

  it('keeps an ended session for the longest lifetime and seven days, and what is owed for as long as it is owed', async () => {
    const sweeper = new Sweeper(world.db, world.lifetimes, Log.open({ level: 'silent', service: 'session' }));
    const [told, owed] = [await world.signIn(), await world.signIn()];
    const alive = await world.signIn();
    for (const { session } of [told, owed]) {
      await world.truth.withParticipant(session.sid, 'shop');
      await world.end(session.sid);
    }
    await world.database.query("UPDATE session.delivery SET state = 'dead', finished_at = lanyard.now() WHERE sid = $1", [
      told.session.sid,
    ]);
    await world.time.advance((90 + 7) * DAY - 60_000);
    await sweeper.sweepAll();
    expect(await world.rows('SELECT FROM session.session')).toHaveLength(3);
    await world.time.advance(120_000);
    await sweeper.sweepAll();
    const left = await world.rows<{ sid: string }>('SELECT sid FROM session.session');
    expect(left.map(({ sid }) => sid).toSorted()).toEqual([owed.session.sid, alive.session.sid].toSorted());
    expect(await world.rows('SELECT FROM session.delivery')).toHaveLength(1);
    expect(await world.truth.bySid(told.session.sid)).toMatchObject({ alive: false });
  });
});
