import { STORY } from '#libs/testing';
import { AccountOwner, textOf } from '../actors/account-owner.js';
import { startWorld, type World } from '../world.js';
import { aliveAt, deadAt, endedFor, PATIENT, signedIn, staysSignedIn } from './life.js';

/** Two sessions per user: who signs in with a third browser is signed out where the oldest session is, by policy and not by anybody's wish. */
let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { ...PATIENT, max_sessions_per_user: 2 } });
}, 360_000);
afterAll(() => world?.close());

test('the third sign-in ends the oldest session for everybody, leaves the two newer ones, and the person is told why', async () => {
  const [oldest, second] = [await signedIn(world), await signedIn(world)];
  expect(await world.isActive(oldest.online.access_token)).toBe(true);
  expect(await staysSignedIn(world, oldest.agent)).toBe(true);
  const third = await signedIn(world);

  await endedFor(world, oldest.sid, { reason: 'session_limit', initiated_by: 'policy', actor: 'policy' });
  expect(await staysSignedIn(world, oldest.agent)).toBe(false);
  await deadAt(world, 'photo-shop', oldest.online);

  for (const life of [second, third]) {
    expect(await staysSignedIn(world, life.agent)).toBe(true);
    await aliveAt(world, 'photo-shop', life.online);
  }
  const ended = await world.stand.database.query("SELECT sid FROM session.session WHERE state = 'ended'");
  expect(ended).toEqual([{ sid: oldest.sid }]);
  // Promise 5: what was granted to the backup while nobody is there does not hang from the session.
  await aliveAt(world, 'photo-backup', oldest.offline);

  const activity = await new AccountOwner(world.issuer, STORY.jane, third.agent).look('/account/activity');
  expect(textOf(activity)).toContain('Signed out: too many devices at once');
});
