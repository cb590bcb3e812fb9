import { sessionApi } from '#libs/contracts';
import { STORY } from '#libs/testing';
import { AccountOwner, textOf, titleOf } from '../actors/account-owner.js';
import { decided } from '../actors/decided.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { session_idle: 86_400, session_max: 86_400 } });
}, 360_000);
afterAll(() => world?.close());
beforeEach(async () => {
  await world.stand.database.query('DELETE FROM ephemeral.counter');
});

const SCOPE = 'openid photos:read online_access';
const jane = (agent?: UserAgent) => new AccountOwner(world.issuer, STORY.jane, agent);
const sidOf = async (accessToken: string) => String((await world.raw('gateway').introspect(accessToken)).body.sid);
const alive = async (sid: string) => (await world.stand.call('auth', sessionApi.truth, { sid })).alive;

/** Somebody at a client, with the tokens and the session of it. */
async function device(person = STORY.jane as { username: string; password: string }) {
  const agent = new UserAgent();
  const { access_token } = await world.tokensFor(agent, world.shop, SCOPE, { person });
  return { agent, access_token, sid: await sidOf(access_token) };
}

describe('without a session', () => {
  it.each(['', '/sessions', '/applications', '/password', '/activity'])('/account%s asks to sign in, and goes on there', async (path) => {
    const owner = jane();
    const page = await owner.look(`/account${path}`);
    expect([titleOf(page), page.url.pathname]).toEqual(['Sign in', '/account/sign-in']);
    const there = await owner.open(`/account${path}`);
    expect([there.status, there.url.pathname]).toEqual([200, `/account${path}`]);
    expect(textOf(there)).toContain('Signed in as jane');
  });

  it.each(['https://evil.example/', '//evil.example', '/logout', '__proto__', 'constructor'])('to=%s leads to the overview', async (to) => {
    const owner = jane();
    const page = await owner.look(`/account/sign-in?${new URLSearchParams({ to }).toString()}`);
    expect(page.body).not.toContain('evil');
    const there = await owner.press(page, '/account/sign-in', { ...STORY.jane });
    expect(there.url.href).toBe(`${world.issuer}/account`);
    const typed = await jane().press(page, '/account/sign-in', { ...STORY.jane, to });
    expect([typed.status, typed.url.origin]).toEqual([403, world.issuer]);
  });

  it('a wrong password is one answer, and an action does nothing', async () => {
    const owner = jane();
    const page = await owner.press(await owner.look('/account'), '/account/sign-in', { username: 'jane', password: 'wrong' });
    expect(page.status).toBe(400);
    expect(page.body).toContain('The username or the password is not right.');
    const posted = await owner.agent.open(`${world.issuer}/account/sessions/end-all`, () => false, {
      method: 'POST',
      body: '',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(titleOf(posted)).toBe('Sign in');
  });
});

describe('my devices', () => {
  it('lists them with this one marked, and signs one out: its tokens are dead when the page says so', async () => {
    const [phone, other] = [await device(), await device()];
    const here = jane();
    const page = await here.open('/account/sessions', 'Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0');
    expect(page.body.match(/this device/g)).toHaveLength(1);
    expect(textOf(page)).toContain('Firefox on Windows this device Address 127.0.0.1');
    const done = await here.press(page, '/sessions/end', {}, phone.sid);
    expect(await world.isActive(phone.access_token)).toBe(false);
    expect(textOf(done)).toContain('Signed out on that device.');
    expect(done.body).not.toContain(phone.sid);
    expect([await alive(phone.sid), await alive(other.sid)]).toEqual([false, true]);
    const again = await here.press(page, '/sessions/end', {}, phone.sid);
    expect(textOf(again)).toContain('That device was signed out already.');
  });

  it('signs out all others and stays; then everywhere, here too', async () => {
    const here = jane();
    await here.open('/account');
    const others = [await device(), await device()];
    const listed = await here.open('/account/sessions');
    let page = await here.press(listed, '/sessions/end-others');
    expect(textOf(page)).toContain('Signed out on all your other devices.');
    expect(await Promise.all(others.map(({ access_token }) => world.isActive(access_token)))).toEqual([false, false]);
    expect(textOf(await here.press(listed, '/sessions/end-others'))).toContain('You were signed in on no other device.');
    const one = await device();
    page = await here.press(await here.open('/account/sessions'), '/sessions/end-all');
    expect([page.status, titleOf(page)]).toEqual([200, 'You are signed out']);
    expect(here.cookie).toBeUndefined();
    expect(await world.isActive(one.access_token)).toBe(false);
    expect(titleOf(await here.look('/account'))).toBe('Sign in');
  });

  it.each(['/sign-out', '/sessions/end'])('%s of this session: the page that says so, and the session is over', async (action) => {
    const { agent, access_token, sid } = await device();
    const here = jane(agent);
    const page = await here.press(await here.open('/account/sessions'), action, {}, action === '/sign-out' ? '' : sid);
    expect(titleOf(page)).toBe('You are signed out');
    expect(await world.isActive(access_token)).toBe(false);
    expect(here.cookie).toBeUndefined();
  });

  it('somebody else’s session is none of hers', async () => {
    const john = await device(STORY.john);
    const here = jane();
    const page = await here.open('/account/sessions');
    expect(page.body).not.toContain(john.sid);
    const done = await here.press(page, '/sessions/end', { sid: john.sid });
    expect(textOf(done)).toContain('That device was signed out already.');
    expect(await alive(john.sid)).toBe(true);
  });

  it('“signed out” can’t be forged by a link, nor carried to another browser', async () => {
    const [here, there] = [jane(), jane()];
    const done = await here.press(await here.open('/account/sessions'), '/sessions/end-others');
    expect(textOf(done)).toMatch(/signed in on no other device|Signed out on all/);
    await there.open('/account');
    const path = `${done.url.pathname}${done.url.search}`;
    expect((await there.look(path)).body).not.toContain('role="status"');
    expect((await here.look('/account/sessions?done=others-ended&seal=x')).body).not.toContain('role="status"');
    expect((await here.look(path)).body).toContain('role="status"');
  });
});

describe('a form counts only from its own page', () => {
  it.each([
    ['from another site', { 'sec-fetch-site': 'cross-site' }, {}],
    ['without its token', {}, { csrf: null }],
    ['with another token', {}, { csrf: 'x'.repeat(43) }],
  ] as const)('%s', async (_, headers, change) => {
    const other = await device();
    const here = jane();
    const form = here.form(await here.open('/account/sessions'), '/sessions/end-others');
    const fields = new URLSearchParams();
    for (const [name, [value = '']] of form.fields) if (!(name in change)) fields.set(name, value);
    for (const [name, value] of Object.entries(change)) if (value !== null) fields.set(name, value);
    const sent = { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', ...headers };
    const answer = await here.agent.open(form.action, () => false, { method: 'POST', body: fields.toString(), headers: sent });
    expect([answer.status, titleOf(answer)]).toEqual([403, 'This is not allowed']);
    expect(await alive(other.sid)).toBe(true);
  });

  it('nor in the session of another person in the same browser, nor by GET', async () => {
    const other = await device();
    const agent = new UserAgent();
    const janes = await jane(agent).open('/account/sessions');
    await world.signInAt(agent, world.shop, SCOPE, { person: STORY.john, more: { prompt: 'login' } });
    expect((await jane(agent).press(janes, '/sessions/end-others')).status).toBe(403);
    expect((await jane().look('/account/sessions/end-others')).status).toBe(405);
    expect(await alive(other.sid)).toBe(true);
  });
});

describe('when the login is older than account_reauth_after', () => {
  it('asks for the password first, then goes on with what was asked; the cookie is new, the session the same', async () => {
    const other = await device();
    const here = jane();
    const page = await here.open('/account/sessions');
    await world.advance(301_000);
    const asked = await here.press(page, '/sessions/end', {}, other.sid);
    expect([asked.status, titleOf(asked)]).toEqual([200, 'Please confirm that it is you']);
    expect(await alive(other.sid)).toBe(true);
    const wrong = await here.press(asked, '/sessions/end', { password: 'wrong' });
    expect([wrong.status, textOf(wrong).includes('The password is not right.')]).toEqual([400, true]);
    expect(wrong.body).not.toContain('value="wrong"');
    expect(await alive(other.sid)).toBe(true);
    const before = here.cookie;
    const done = await here.press(wrong, '/sessions/end', { password: STORY.jane.password });
    expect(textOf(done)).toContain('Signed out on that device.');
    expect(await alive(other.sid)).toBe(false);
    expect(here.cookie).not.toBe(before);
    const third = await device();
    expect(textOf(await here.press(await here.open('/account/sessions'), '/sessions/end', {}, third.sid))).toContain(
      'Signed out on that device.',
    );
  });

  it('signing out here needs no password', async () => {
    const here = jane();
    const page = await here.open('/account');
    await world.advance(301_000);
    expect(titleOf(await here.press(page, '/sign-out'))).toBe('You are signed out');
  });

  it('wrong passwords there and at the sign-in are one count', async () => {
    const here = jane();
    let page = await here.open('/account/sessions');
    await world.advance(301_000);
    await world.stand.database.query('DELETE FROM ephemeral.counter');
    page = await here.press(page, '/sessions/end-others');
    for (let tries = 0; tries < 10; tries++) page = await here.press(page, '/sessions/end-others', { password: 'wrong' });
    expect(page.status).toBe(400);
    const right = await here.press(page, '/sessions/end-others', { password: STORY.jane.password });
    expect([right.status, right.headers.get('retry-after')]).toEqual([429, expect.stringMatching(/^\d+$/)]);
    expect((await jane().open('/account')).status).toBe(429);
  });
});

describe('while the session service does not answer', () => {
  it('no page claims anything, and afterwards the same form does it', async () => {
    const other = await device();
    const here = jane();
    const page = await here.open('/account/sessions');
    await world.services.stopOne('session');
    const answer = await here.press(page, '/sessions/end', {}, other.sid);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    expect(answer.body).not.toMatch(/[Ss]igned out/);
    await world.services.start('session');
    await world.stand.ready('session');
    await world.stand.ready('auth');
    const done = await decided(() => here.press(page, '/sessions/end', {}, other.sid));
    expect(textOf(done)).toContain('Signed out on that device.');
    expect(await alive(other.sid)).toBe(false);
  });
});
