import { STORY } from '#libs/testing';
import { Operator } from '../actors/operator.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';
import { aliveAt, deadAt, endedFor, ONLINE, PATIENT, signedIn, staysSignedIn } from './life.js';

/** What an operator does to a user ends everything of theirs, for good, and says why. */
let world: World;
let operator: Operator;
beforeAll(async () => {
  world = await startWorld({ settings: PATIENT });
  operator = new Operator(world.services);
}, 360_000);
afterAll(() => world?.close());

const NEW_PASSWORD = 'another battery, another staple';
const act = (sub: string, action: string, body?: unknown) => operator.call('auth', 'POST', `/admin/users/${sub}/${action}`, body);

describe.each([
  { door: 'disable', reason: 'subject_disabled', body: undefined, audited: 'subject.disabled', locked: true },
  { door: 'revoke-all', reason: 'subject_revoked', body: undefined, audited: 'subject.revoked_all', locked: false },
  { door: 'password', reason: 'password_changed', body: { password: NEW_PASSWORD }, audited: 'subject.password_changed', locked: false },
])('$door', ({ door, reason, body, audited, locked }) => {
  const person = () => (door === 'password' ? { ...STORY.john, password: NEW_PASSWORD } : STORY.john);
  beforeAll(async () => {
    const { body } = await operator.call('auth', 'GET', '/admin/users?search=john');
    const [john] = body.items as { sub: string }[];
    await act(String(john?.sub), 'password', { password: STORY.john.password });
  });

  test('ends every session and every grant, offline ones too, everywhere before it is confirmed; nothing comes back', async () => {
    const lives = [await signedIn(world, STORY.john), await signedIn(world, STORY.john)];
    const bystander = await signedIn(world, STORY.jane);
    const sub = String(lives[0]?.sub);

    const answer = await act(sub, door, body);
    expect(answer).toMatchObject({ status: 200, body: { ended: 2, confirmed: true } });
    for (const { online, offline, agent, sid } of lives) {
      await deadAt(world, 'photo-shop', online);
      await deadAt(world, 'photo-backup', offline);
      expect(await staysSignedIn(world, agent)).toBe(false);
      await endedFor(world, sid, { reason, initiated_by: 'admin', actor: 'client:admin-cli' });
    }
    const [audit] = await world.stand.database.query(
      'SELECT actor, action, details FROM auth.audit WHERE target = $1 ORDER BY id DESC LIMIT 1',
      [sub],
    );
    expect(audit).toMatchObject({ actor: 'client:admin-cli', action: audited, details: { gen: answer.body.gen } });

    if (locked) {
      expect((await world.signInAt(new UserAgent(), world.shop, ONLINE, { person: person() })).code).toBeNull();
      expect((await act(sub, 'enable')).body).toMatchObject({ gen: Number(answer.body.gen) + 1, confirmed: true });
    }
    for (const { online, offline, agent } of lives) {
      await deadAt(world, 'photo-shop', online);
      await deadAt(world, 'photo-backup', offline);
      expect(await staysSignedIn(world, agent)).toBe(false);
    }
    const anew = await signedIn(world, person());
    await aliveAt(world, 'photo-shop', anew.online);
    await aliveAt(world, 'photo-backup', anew.offline);
    await aliveAt(world, 'photo-shop', bystander.online);
    await aliveAt(world, 'photo-backup', bystander.offline);
  });
});

test('an old password is none any more', async () => {
  const { sub } = await signedIn(world, STORY.jane);
  await act(sub, 'password', { password: NEW_PASSWORD });
  expect((await world.signInAt(new UserAgent(), world.shop, ONLINE, { person: STORY.jane })).code).toBeNull();
  expect((await world.signInAt(new UserAgent(), world.shop, ONLINE, { person: { ...STORY.jane, password: NEW_PASSWORD } })).code).toEqual(
    expect.any(String),
  );
});

test('asking again changes nothing and is confirmed again', async () => {
  const { sub, sid } = await signedIn(world, { ...STORY.jane, password: NEW_PASSWORD });
  const first = await act(sub, 'disable');
  expect((await act(sub, 'disable')).body).toEqual({ ...first.body, ended: 0 });
  await endedFor(world, sid, { reason: 'subject_disabled', initiated_by: 'admin', actor: 'client:admin-cli' });
});

test('race 17: a login proven before the account changed is refused like a wrong password, not with an error', async () => {
  const { body } = await operator.call('auth', 'POST', '/admin/users', { username: 'overtaken', password: NEW_PASSWORD });
  // The session service has heard of a generation that the login's record, read a moment before, does not have.
  await world.stand.database.query('INSERT INTO session.subject_generation (sub, gen) VALUES ($1, 1)', [body.sub]);
  const landed = await world.signInAt(new UserAgent(), world.shop, ONLINE, { person: { username: 'overtaken', password: NEW_PASSWORD } });
  expect([landed.code, landed.page.status]).toEqual([null, 400]);
  const audit = await world.stand.database.query("SELECT reason FROM auth.audit WHERE action = 'login.failed' AND target = $1", [body.sub]);
  expect(audit).toEqual([{ reason: 'superseded' }]);
});
