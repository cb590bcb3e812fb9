import { until } from '#libs/testing';
import { UserAgent } from '../../actors/user-agent.js';
import type { Flow } from './flow.js';
import type { Killing } from './killing.js';
import { endAndExpectAll, SCOPE, signedIn } from './session-story.js';

const TEN_MINUTES_MS = 11 * 60_000;

interface Line extends Record<string, unknown> {
  line: string;
  active: string;
  pending: string;
  usable: string;
}

/** One key of each line signs or seals, at most one waits, and what is made now is verified by everybody who has to. */
async function expectKeysSound({ world }: Killing): Promise<void> {
  const lines = await world.stand.database.query<Line>(
    `SELECT line, count(*) FILTER (WHERE state = 'active') AS active, count(*) FILTER (WHERE state = 'pending') AS pending,
       count(*) FILTER (WHERE state = 'active' AND envelope IS NOT NULL) AS usable FROM token.keys GROUP BY line`,
  );
  expect(lines).toHaveLength(4);
  for (const { active, pending, usable } of lines) {
    expect([Number(active), Number(usable)]).toEqual([1, 1]);
    expect(Number(pending)).toBeLessThanOrEqual(1);
  }
  const { started, page } = await world.signInAt(new UserAgent(), world.shop, SCOPE);
  const { tokens } = await world.shop.finish(started, page.url);
  expect(await world.isActive(tokens.access_token)).toBe(true);
  expect((await world.patient('photo-shop').userinfo(tokens.access_token)).status).toBe(200);
}

async function keyOf({ world }: Killing, line: string, state: 'active' | 'pending'): Promise<string | null> {
  const query = 'SELECT kid FROM token.keys WHERE line = $1 AND state = $2';
  return (await world.stand.database.query<{ kid: string }>(query, [line, state]))[0]?.kid ?? null;
}

/** Each place has a line of its own: a line makes one key at a time. */
const ROTATED: Record<string, string> = {
  'token.keys.before-insert': 'signing:ES256',
  'token.keys.after-insert': 'signing:RS256',
  'token.keys.rotate.before-commit': 'sealing',
  'token.keys.rotate.after-commit': 'refresh_mac',
};

const rotateFlow: Flow = {
  name: 'a key’s successor is made',
  service: 'token',
  places: {
    'token.keys.before-insert': 'before',
    'token.keys.after-insert': 'before',
    'token.keys.rotate.before-commit': 'before',
    'token.keys.rotate.after-commit': 'after',
  },
  daily: [],
  async run(killing, place, side) {
    const { world, operator } = killing;
    const line = ROTATED[place] ?? '';
    const story = await signedIn(killing);
    const active = await keyOf(killing, line, 'active');
    const rotate = () => operator.call('token', 'POST', `/admin/keys/lines/${encodeURIComponent(line)}/rotate`);
    expect(await killing.cut({ service: 'token', place, step: rotate })).toHaveProperty('error');
    const made = await keyOf(killing, line, 'pending');
    expect(made === null).toBe(side === 'before');
    const { status, body } = await rotate();
    expect({ status, active: body.active }).toEqual({ status: 200, active });
    if (made) expect(body.pending).toBe(made);
    await expectKeysSound(killing);
    expect(await world.isActive(story.tokens['photo-shop'].access_token)).toBe(true);
    await endAndExpectAll(killing, story);
  },
};

/** Due, and cut where the old key has gone and the new one isn't there yet: nobody outside the transaction ever sees that. */
const takeOverFlow: Flow = {
  name: 'a key’s successor takes over',
  service: 'token',
  places: { 'token.keys.after-replace': 'before', 'token.keys.before-commit': 'before', 'token.keys.after-commit': 'after' },
  daily: [],
  async run(killing, place) {
    const { world, operator } = killing;
    const story = await signedIn(killing);
    const before = story.tokens['photo-shop'];
    const { status } = await operator.call('token', 'POST', '/admin/keys/lines/sealing/rotate');
    expect(status).toBe(200);
    const pending = await keyOf(killing, 'sealing', 'pending');
    await world.services.signal('token', 'SIGKILL');
    await world.stand.time.advance(TEN_MINUTES_MS);
    await killing.cutStart('token', place);
    await world.advance(0);
    expect(await keyOf(killing, 'sealing', 'active')).toBe(pending);
    await expectKeysSound(killing);
    expect(await world.isActive(before.access_token)).toBe(true);
    expect((await world.patient('photo-book').refresh(story.tokens['photo-book'].refresh_token)).status).toBe(200);
    await endAndExpectAll(killing, story);
  },
};

/** Before the commit the key is what it was; after it nothing makes it good again, and refresh tokens get their holders on. */
const revokeFlow: Flow = {
  name: 'a key is revoked',
  service: 'token',
  places: {
    'token.keys.revoke.after-row': 'before',
    'token.keys.revoke.before-commit': 'before',
    'token.keys.revoke.after-commit': 'after',
    'token.revoke.after-commit': 'after',
    'token.revoke.after-confirm': 'after',
  },
  daily: ['token.keys.revoke.after-row'],
  async run(killing, place, side) {
    const { world, operator } = killing;
    const story = await signedIn(killing);
    const before = story.tokens['photo-shop'];
    const kid = await keyOf(killing, 'sealing', 'active');
    operator.forget();
    const revoke = () => operator.call('token', 'POST', `/admin/keys/${kid}/revoke`);
    // With the token service away a view that dropped the key can't open the token: 503, never active.
    const isOld = async () => (await world.patient('gateway').introspect(before.access_token)).body.active === true;
    const whileDown = async () => {
      if (side === 'after') await until(async () => !(await isOld()), { timeoutMs: 2_000, what: 'inactive' });
      else expect(await isOld()).toBe(true);
    };
    expect(await killing.cut({ service: 'token', place, step: revoke, whileDown })).toHaveProperty('error');
    if (side === 'after') operator.forget();
    expect((await revoke()).body).toMatchObject({ revoked: side === 'before' });
    operator.forget();
    await until(async () => !(await isOld()), { timeoutMs: 2_000, what: 'inactive' });
    await world.services.signal('introspect', 'SIGKILL');
    await world.services.restart('introspect');
    expect(await isOld()).toBe(false);
    expect(await keyOf(killing, 'sealing', 'active')).not.toBe(kid);
    const after = await world.patient('photo-shop').refresh(before.refresh_token);
    expect(await world.isActive(String(after.body.access_token))).toBe(true);
    await expectKeysSound(killing);
    const tokens = { ...story.tokens, 'photo-shop': { ...before, refresh_token: String(after.body.refresh_token) } };
    await endAndExpectAll(killing, { ...story, tokens });
  },
};

/** Whoever starts without its keys waits for them, unready, and has them all once there is somebody to hand them out. */
const handOutFlow: Flow = {
  name: 'hand-out of keys',
  service: 'token',
  places: { 'token.keys.before-hand-out': 'before', 'token.keys.before-publishing': 'before' },
  daily: [],
  async run(killing, place) {
    const { world } = killing;
    const story = await signedIn(killing);
    await world.services.signal('introspect', 'SIGKILL');
    await killing.cut({ service: 'token', place, step: async () => world.services.start('introspect') });
    await world.services.ready('introspect');
    expect(await world.isActive(story.tokens['photo-shop'].access_token)).toBe(true);
    await expectKeysSound(killing);
    await endAndExpectAll(killing, story);
  },
};

export const KEY_FLOWS: readonly Flow[] = [rotateFlow, takeOverFlow, revokeFlow, handOutFlow];
