import { createHash } from 'node:crypto';
import { sessionApi, tokenApi } from '#libs/contracts';
import { STORY } from '#libs/testing';
import { AccountOwner, textOf, titleOf } from '../actors/account-owner.js';
import type { TokenSet } from '../actors/raw-client.js';
import { type Page, UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

let world: World;
beforeAll(async () => {
  world = await startWorld({ settings: { session_idle: 86_400, session_max: 86_400 } });
}, 360_000);
afterAll(() => world?.close());
beforeEach(async () => {
  await world.stand.database.query('DELETE FROM ephemeral.counter');
});

const owner = (agent?: UserAgent, person: { username: string; password: string } = STORY.jane) =>
  new AccountOwner(world.issuer, person, agent);
const refresh = (clientId: string, tokens: TokenSet) => world.raw(clientId).refresh(tokens.refresh_token);
const sent = (page: Page, name: string) => new RegExp(`name="${name}" value="([^"]*)"`).exec(page.body)?.[1];

/** Codes for a client that needs no consent, as the organisation's own, and what it gets for them. */
async function ownBook() {
  const { sessions } = await world.stand.call('auth', sessionApi.list, { sub: await subOf('jane') });
  const [session] = sessions;
  if (!session) throw new Error('no session');
  const verifier = 'v'.repeat(43);
  const issue = () =>
    world.stand.call('auth', tokenApi.issueCode, {
      client_id: 'photo-book',
      redirect_uri: world.book.callback,
      redirect_uri_sent: true,
      sub: session.sub,
      subject_gen: session.subject_gen,
      sid: session.sid,
      scope: ['openid', 'photos:read', 'online_access'],
      scope_narrowed: false,
      access_mode: 'online',
      consent_id: null,
      nonce: null,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      auth_time: session.auth_time,
      amr: session.amr,
      acr: session.acr,
      resources: [],
      auth_time_requested: false,
    });
  const exchange = async ({ code }: { code: string }) => world.raw('photo-book').exchange(code, verifier, world.book.callback);
  return { issue, exchange };
}

describe('my applications', () => {
  const SCOPE = 'openid photos:read offline_access';

  it('says what each may do and that it keeps access; revoked means dead, and asked again next time', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.backup, SCOPE, { more: { prompt: 'consent' } });
    const here = owner(agent);
    const page = await here.open('/account/applications');
    const text = textOf(page);
    expect(text).toContain('photo backup Since');
    expect(text).toContain('last used just now');
    expect(text).toContain('See your photos');
    expect(text).toMatch(/Keeps access when you are not here , since \d+ \w+ \d{4}/);
    const done = await here.press(page, '/applications/revoke', {}, 'photo-backup');
    expect(textOf(done)).toContain('That application has no access to your account any more.');
    expect(done.body).not.toContain('photo-backup');
    expect((await refresh('photo-backup', tokens)).body.error).toBe('invalid_grant');
    expect(await world.isActive(tokens.access_token)).toBe(false);
    const { page: asked } = await world.signInAt(agent, world.backup, SCOPE, { consent: 'deny' });
    expect(asked.url.searchParams.get('error')).toBe('access_denied');
    expect(textOf(await here.open('/account/activity'))).toContain('Removed the access of photo backup');
  });

  it('takes away also what a client holds without a consent, and codes on their way (a first-party one)', async () => {
    const agent = new UserAgent();
    const here = owner(agent);
    await here.open('/account');
    const { issue, exchange } = await ownBook();
    const [first, late] = [await issue(), await issue()];
    const { body: tokens } = await exchange(first);
    const page = await here.open('/account/applications');
    expect(textOf(page)).toContain('photo book');
    await here.press(page, '/applications/revoke', {}, 'photo-book');
    expect((await exchange(late)).body.error).toBe('invalid_grant');
    expect(await world.isActive(String(tokens.access_token))).toBe(false);
    expect(textOf(await here.open('/account/activity'))).toContain('Removed the access of photo book');
  });

  it.each([
    ['when who asked can’t be written down, nothing is revoked', 'token', 'grant.revoked', true],
    [
      'what is revoked has its author in that same transaction, though no more than that could be written',
      'auth',
      'application.revoked',
      false,
    ],
  ])('%s', async (_, schema, unwritten, active) => {
    const here = owner();
    await here.open('/account');
    const { issue, exchange } = await ownBook();
    const { body: tokens } = await exchange(await issue());
    const page = await here.open('/account/applications');
    const sub = await subOf('jane');
    const { database } = world.stand;
    const [{ last } = { last: 0 }] = await database.query('SELECT coalesce(max(id), 0) AS last FROM token.audit');
    await database.query(`CREATE FUNCTION ${schema}.refuse_line() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'disk full'; END $$;
      CREATE TRIGGER refuse_line BEFORE INSERT ON ${schema}.audit FOR EACH ROW WHEN (NEW.action = '${unwritten}')
        EXECUTE FUNCTION ${schema}.refuse_line()`);
    const answer = await here.press(page, '/applications/revoke', {}, 'photo-book');
    await database.query(`DROP FUNCTION ${schema}.refuse_line CASCADE`);
    expect(textOf(answer)).not.toContain('no access to your account');
    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(await world.isActive(String(tokens.access_token))).toBe(active);
    const by = { actor: sub, reason: 'consent_revoked', client_id: 'photo-book' };
    const lines = await database.query(
      "SELECT actor, reason, details->>'client_id' AS client_id FROM token.audit WHERE id > $1 AND action = 'grant.revoked'",
      [last],
    );
    expect(lines).toEqual(active ? [] : [by]);
    expect(textOf(await here.press(answer, '/applications/revoke'))).toContain('no access to your account');
    expect(await world.isActive(String(tokens.access_token))).toBe(false);
  });

  it('while the token service does not answer nothing is claimed; the same form goes on from there', async () => {
    const agent = new UserAgent();
    const tokens = await world.tokensFor(agent, world.backup, SCOPE, { more: { prompt: 'consent' } });
    const here = owner(agent);
    const page = await here.open('/account/applications');
    await world.services.stopOne('token');
    const answer = await here.press(page, '/applications/revoke', {}, 'photo-backup');
    expect([answer.status, titleOf(answer)]).toEqual([503, 'Not done yet']);
    expect(answer.body).not.toMatch(/no access|revoked/);
    await world.services.start('token');
    await Promise.all([world.stand.ready('token'), world.stand.ready('auth')]);
    expect(textOf(await here.open('/account/applications'))).toContain('It may still have some.');
    const done = await here.press(answer, '/applications/revoke');
    expect(textOf(done)).toContain('That application has no access to your account any more.');
    expect((await refresh('photo-backup', tokens)).body.error).toBe('invalid_grant');
  });
});

describe('my password', () => {
  const [old, fresh] = [STORY.john.password, 'a new one with several words'];
  const john = { username: 'john', password: old };

  it.each([
    ['a wrong present one', { password: 'wrong', new_password: fresh, new_password_again: fresh }, 'The password is not right.'],
    ['two different new ones', { password: old, new_password: fresh, new_password_again: `${fresh}!` }, 'are not the same'],
    ['a short one', { password: old, new_password: 'short', new_password_again: 'short' }, 'at least 8 characters'],
    ['the present one', { password: old, new_password: old, new_password_again: old }, 'is the present one'],
    ['nothing', {}, 'Please fill in'],
  ])('%s changes nothing', async (_, typed, said) => {
    const here = owner(undefined, john);
    const page = await here.open('/account/password');
    const answer = await here.press(page, '/account/password', typed);
    expect(answer.status).toBe(400);
    expect(textOf(answer)).toContain(said);
    for (const value of Object.values(typed)) expect(answer.body).not.toContain(`value="${value}"`);
    const [row] = await world.stand.database.query("SELECT count(*) AS n FROM auth.audit WHERE action = 'subject.password_changed'");
    expect(Number(row?.n)).toBe(0);
  });

  it('changed: this session stays with another cookie, whoever else came in by the old one is out, offline too', async () => {
    const scope = 'openid photos:read online_access';
    const elsewhere = await world.tokensFor(new UserAgent(), world.shop, scope, { person: john });
    const offline = await world.tokensFor(new UserAgent(), world.backup, 'openid photos:read offline_access', {
      person: john,
      more: { prompt: 'consent' },
    });
    const here = owner(undefined, john);
    const page = await here.open('/account/password');
    const thief = new UserAgent();
    for (const [name, value] of here.agent.cookies()) thief.setCookie(name, value);
    const typed = { password: old, new_password: fresh, new_password_again: fresh };
    const done = await here.press(page, '/account/password', typed);
    expect([done.status, done.url.pathname]).toEqual([200, '/account/password']);
    expect(textOf(done)).toContain('Your password is changed');
    expect(await world.isActive(elsewhere.access_token)).toBe(false);
    expect(await world.isActive(offline.access_token)).toBe(false);
    expect((await refresh('photo-shop', elsewhere)).body.error).toBe('invalid_grant');
    expect((await refresh('photo-backup', offline)).body.error).toBe('invalid_grant');
    expect(titleOf(await owner(thief, john).look('/account'))).toBe('Sign in');
    expect(textOf(await here.look('/account/sessions'))).toContain('Signed in as john');
    expect((await owner(undefined, john).open('/account')).status).toBe(400);
    expect((await owner(undefined, { ...john, password: fresh }).open('/account')).status).toBe(200);
    const activity = textOf(await here.look('/account/activity'));
    expect(activity).toContain('Password changed');
    expect(activity).toContain('Signed out: the password was changed');
    expect(activity).toContain('Wrong password');
  });

  it('without “stay” this device is signed out as well', async () => {
    const here = owner(undefined, { ...john, password: fresh });
    const typed = { password: fresh, new_password: old, new_password_again: old, stay: null };
    const done = await here.press(await here.open('/account/password'), '/account/password', typed);
    expect(titleOf(done)).toBe('You are signed out');
    expect(textOf(done)).toContain('Your password is changed.');
    expect(here.cookie).toBeUndefined();
    expect((await owner(undefined, john).open('/account')).status).toBe(200);
  });
});

describe('what has happened', () => {
  it('is told page by page, each line once, and nobody else’s', async () => {
    const here = owner();
    const first = await here.open('/account/activity');
    expect(textOf(first)).not.toContain('Password changed');
    const sub = await subOf('jane');
    await world.stand.database.query(
      `INSERT INTO auth.audit (at, actor, action, target, details)
       SELECT lanyard.now(), $1, 'login.succeeded', $1, jsonb_build_object('sid', 's', 'address', 'line-' || n) FROM generate_series(1, 60) n`,
      [sub],
    );
    const lines: string[] = [];
    let page = await here.open('/account/activity');
    for (let pages = 0; pages < 10; pages++) {
      lines.push(...(page.body.match(/line-\d+/g) ?? []));
      const next = /href="([^"]*)" rel="next"/.exec(page.body)?.[1];
      if (!next) break;
      page = await here.agent.open(next);
    }
    expect(lines).toEqual(Array.from({ length: 60 }, (_, index) => `line-${60 - index}`));
    const forged = [
      [null, { ended_at: 0, sid: 'a\0b' }],
      ['activity', null, { ended_at: 0, sid: 'a\0b' }],
      ['activity', null, { ended_at: 8.64e15 + 1, sid: 'a' }],
      ['activity', -1, null],
      ['users', 'jane'],
    ].map((members) => Buffer.from(JSON.stringify(members)).toString('base64url'));
    for (const cursor of ['nonsense', ...forged]) expect((await here.look(`/account/activity?cursor=${cursor}`)).status).toBe(400);
    expect(sent(first, 'csrf')).toBeDefined();
  });
});

async function subOf(username: string): Promise<string> {
  const [row] = await world.stand.database.query('SELECT sub FROM auth.subject WHERE username = $1', [username]);
  return String(row?.sub);
}
