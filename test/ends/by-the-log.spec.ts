import { STORY, until } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { startWorld, type World } from '../world.js';
import { deadAt, endedFor, PATIENT, signedIn, staysSignedIn } from './life.js';

/** Nobody is there to be told at once: what was committed is enough, only `confirmed` is not said, and 202 instead of 200: accepted. */
let world: World;
let operator: Operator;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
  operator = new Operator(world.services);
}, 360_000);
afterAll(() => world?.close());

test('a user disabled while the session service is away: tokens die within the bound, the sessions end when it is back', async () => {
  const { sub, sid, agent, online, offline } = await signedIn(world, STORY.john);
  await operator.call('auth', 'GET', `/admin/users/${sub}`);
  await world.services.stopOne('session');

  const answer = await operator.call('auth', 'POST', `/admin/users/${sub}/disable`);
  expect(answer).toMatchObject({ status: 202, body: { ended: null, confirmed: false } });
  const told = performance.now();
  await until(async () => !(await world.isActive(online.access_token)), { what: 'the view refuses' });
  expect(performance.now() - told).toBeLessThan(2_000);
  await until(async () => !(await world.isActive(offline.access_token)));

  await world.services.start('session');
  await world.stand.ready('session');
  const ended = async () =>
    (await world.stand.database.query('SELECT state FROM session.session WHERE sid = $1', [sid]))[0]?.state === 'ended';
  await until(ended, { what: 'the event has ended the session' });
  await endedFor(world, sid, { reason: 'subject_disabled', initiated_by: 'admin', actor: 'client:admin-cli' });
  await deadAt(world, 'photo-shop', online);
  await deadAt(world, 'photo-backup', offline);
  expect(await staysSignedIn(world, agent)).toBe(false);
});
