import { ChangePassword } from '../../apps/auth/src/users/change-password.js';
import { VerifyPassword } from '../../apps/auth/src/users/verify-password.js';
import { Operator } from '../actors/operator.js';
import type { Person } from '../actors/sign-in.js';
import { startWorld, type World } from '../world.js';
import { aliveAt, deadAt, endedFor, ONLINE, PATIENT, signedIn, staysSignedIn } from './life.js';

/** The user changes the password: every other session ends; this one stays when that was asked (ASVS 5.0 7.4.3). */
let world: World;
let passwords: ChangePassword;
let operator: Operator;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
  operator = new Operator(world.services);
  passwords = world.services.app('auth').get(ChangePassword, { strict: false });
}, 360_000);
afterAll(() => world?.close());

const FIRST = 'the first password of somebody';
const SECOND = 'the second password of somebody';

/** Somebody of this test's own. */
async function somebody() {
  const person = { username: `somebody-${people++}`, password: FIRST };
  const { body } = await operator.call('auth', 'POST', '/admin/users', person);
  return { ...person, sub: String(body.sub) };
}
let people = 0;

async function proven({ username }: Person, password = FIRST) {
  const check = await world.services.app('auth').get(VerifyPassword, { strict: false }).verify(username, password);
  if (check.outcome !== 'right') throw new Error(`the password is ${check.outcome}`);
  return check.user;
}

test('the session it was done from stays and gives new tokens; all from before are dead, its own too', async () => {
  const person = await somebody();
  const [here, there] = [await signedIn(world, person), await signedIn(world, person)];
  const outcome = await passwords.byUser({ proven: await proven(person), password: SECOND, keepSid: here.sid });
  expect(outcome).toMatchObject({ gen: 1, ended: 1, confirmed: true });

  await endedFor(world, there.sid, { reason: 'password_changed', initiated_by: 'user', actor: person.sub });
  expect(await staysSignedIn(world, there.agent)).toBe(false);
  expect(await staysSignedIn(world, here.agent)).toBe(true);
  for (const life of [here, there]) {
    await deadAt(world, 'photo-shop', life.online);
    await deadAt(world, 'photo-backup', life.offline);
  }
  const again = await world.tokensFor(here.agent, world.shop, ONLINE);
  expect((await world.raw('gateway').introspect(again.access_token)).body).toMatchObject({ active: true, sid: here.sid });
  await aliveAt(world, 'photo-shop', again);
});

test('without that wish all end', async () => {
  const person = await somebody();
  const here = await signedIn(world, person);
  await passwords.byUser({ proven: await proven(person), password: SECOND, keepSid: null });
  await endedFor(world, here.sid, { reason: 'password_changed', initiated_by: 'user', actor: person.sub });
  await deadAt(world, 'photo-shop', here.online);
});

test('a kept session is ended by what comes later', async () => {
  const person = await somebody();
  const here = await signedIn(world, person);
  await passwords.byUser({ proven: await proven(person), password: SECOND, keepSid: here.sid });
  await operator.call('auth', 'POST', `/admin/users/${person.sub}/revoke-all`);
  await endedFor(world, here.sid, { reason: 'subject_revoked', initiated_by: 'admin', actor: 'client:admin-cli' });
});

test('a proof from before an operator’s reset is worth nothing: the operator is the last', async () => {
  const person = await somebody();
  const before = await proven(person);
  await operator.call('auth', 'POST', `/admin/users/${person.sub}/password`, { password: SECOND });
  expect(await passwords.byUser({ proven: before, password: 'what an intruder wants', keepSid: null })).toBeNull();
  await expect(proven(person, SECOND)).resolves.toMatchObject({ sub: person.sub, gen: 1 });
});

test('of three changes at once one is made', async () => {
  const person = await somebody();
  const before = await proven(person);
  const change = (n: number) => passwords.byUser({ proven: before, password: `password number ${n}`, keepSid: null });
  const outcomes = await Promise.all([1, 2, 3].map(change));
  expect(outcomes.filter((outcome) => outcome !== null)).toMatchObject([{ gen: 1 }]);
});

test('too short a one is refused before anything ends', async () => {
  const person = await somebody();
  const refused = await operator.call('auth', 'POST', `/admin/users/${person.sub}/password`, { password: 'short' });
  expect([refused.status, refused.body.error_description]).toEqual([400, 'The password must have at least 8 characters.']);
  await expect(proven(person)).resolves.toMatchObject({ gen: 0 });
});
