import type { SpawnedServices } from '#libs/testing';
import { STORY } from '#libs/testing';
import { AccountOwner } from '../actors/account-owner.js';
import { Operator } from '../actors/operator.js';
import type { Person } from '../actors/sign-in.js';
import { UserAgent } from '../actors/user-agent.js';
import { spawnWorld, type World } from '../world.js';
import { ONLINE, PATIENT } from './life.js';
import { INFO, Traces, WARN } from './traces.js';

/** Whoever ends something: why, who and under which end_id is the same in every audit, event and log line that follows. */
let world: World<SpawnedServices>;
let operator: Operator;
let traces: Traces;
beforeAll(async () => {
  world = await spawnWorld({ settings: { ...PATIENT, max_sessions_per_user: 2 }, env: { LANYARD_LOG_LEVEL: 'info' } });
  operator = new Operator(world.services);
  traces = new Traces(world);
}, 360_000);
afterAll(() => world?.close(), 180_000);

const OPERATOR = 'client:admin-cli';
const BY_OPERATOR = { initiated_by: 'admin', actor: OPERATOR };
const ask = async (service: 'auth' | 'session' | 'token', path: string, body?: unknown) =>
  expect(await operator.call(service, 'POST', path, body)).toMatchObject({ status: 200 });

let people = 0;
async function somebody(): Promise<Person & { sub: string }> {
  const person = { username: `traveller-${people++}`, password: 'the password of a traveller' };
  return { ...person, sub: String((await operator.call('auth', 'POST', '/admin/users', person)).body.sub) };
}

async function signedIn(person: Person, agent = new UserAgent()) {
  const tokens = await world.tokensFor(agent, world.shop, ONLINE, { person });
  const { sid, sub } = (await world.raw('gateway').introspect(tokens.access_token)).body;
  return { agent, tokens, sid: String(sid), sub: String(sub) };
}

const grantOf = async (sid: string) =>
  String((await world.stand.database.query('SELECT gid FROM token.grants WHERE sid = $1', [sid]))[0]?.gid);

describe('a session ended', () => {
  it('by its user', async () => {
    const { agent, sid, sub } = await signedIn(STORY.jane);
    const here = new AccountOwner(world.issuer, STORY.jane, agent);
    await here.press(await here.look('/account'), '/sign-out');
    await traces.ofEnd(sid, sub, { reason: 'logout', initiated_by: 'user', actor: sub });
  });

  it('by its user at an application', async () => {
    const { agent, tokens, sid, sub } = await signedIn(STORY.jane);
    await agent.open(world.shop.logoutUrl(tokens.id_token, 'state'), world.shop.isMine);
    await traces.ofEnd(sid, sub, { reason: 'rp_logout', initiated_by: 'user', actor: sub });
  });

  it('by an operator', async () => {
    const { sid, sub } = await signedIn(STORY.jane);
    await ask('session', `/admin/sessions/${sid}/end`);
    await traces.ofEnd(sid, sub, { reason: 'admin', ...BY_OPERATOR });
  });

  it('by another user in the same browser', async () => {
    const { agent, sid, sub } = await signedIn(STORY.jane);
    const tokens = await world.tokensFor(agent, world.shop, ONLINE, { person: STORY.john, more: { prompt: 'login' } });
    const john = String((await world.raw('gateway').introspect(tokens.access_token)).body.sub);
    await traces.ofEnd(sid, sub, { reason: 'user_switch', initiated_by: 'user', actor: john });
  });

  it('by the limit of sessions per user', async () => {
    const person = await somebody();
    const { sid, sub } = await signedIn(person);
    for (const _ of ['second', 'third']) await signedIn(person);
    await traces.ofEnd(sid, sub, { reason: 'session_limit', initiated_by: 'policy', actor: 'policy' });
  });

  it('by a new password, the user’s own', async () => {
    const person = await somebody();
    const { agent, sid, sub } = await signedIn(person);
    const here = new AccountOwner(world.issuer, person, agent);
    const fresh = { new_password: 'another password of theirs', new_password_again: 'another password of theirs' };
    await here.press(await here.look('/account/password'), '/password', { password: person.password, ...fresh, stay: null });
    await traces.ofEnd(sid, sub, { reason: 'password_changed', initiated_by: 'user', actor: sub });
    expect(await traces.audit('auth', 'subject.password_changed', sub)).toMatchObject([{ actor: sub, reason: 'user' }]);
    expect(await traces.line('auth', { msg: 'a subject changed', sub })).toMatchObject({ action: 'password_changed', actor: sub });
  });

  it('by an operator who disabled the account', async () => {
    const { sid, sub } = await signedIn(await somebody());
    await ask('auth', `/admin/users/${sub}/disable`);
    await traces.ofEnd(sid, sub, { reason: 'subject_disabled', ...BY_OPERATOR });
    const [audited] = await traces.audit('auth', 'subject.disabled', sub);
    expect(audited).toMatchObject({ actor: OPERATOR, reason: 'admin', request_id: expect.any(String) });
    const line = await traces.line('auth', { msg: 'a subject changed', sub });
    expect(line).toMatchObject({ level: INFO, action: 'disabled', actor: OPERATOR, request_id: audited?.request_id });
    const cascade = await traces.line('token', { msg: 'grants of a changed subject revoked', sub });
    expect(cascade).toMatchObject({ level: INFO, action: 'disabled', reason: 'subject_disabled', actor: OPERATOR });
  });
});

describe('without a session’s end', () => {
  it('a client disabled and enabled', async () => {
    for (const action of ['disable', 'enable'] as const) {
      await ask('auth', `/admin/clients/photo-viewer/${action}`);
      const wanted = { msg: 'a client changed', client_id: 'photo-viewer', action: `${action}d` };
      const line = await traces.line('auth', wanted);
      expect(line).toMatchObject({ level: INFO, actor: OPERATOR, confirmed: true });
      const audited = await traces.audit('auth', `client.${action}d`, 'photo-viewer');
      expect(audited).toMatchObject([{ actor: OPERATOR, reason: 'admin', request_id: line.request_id }]);
      expect(await traces.line('token', wanted)).toMatchObject({ level: INFO, actor: OPERATOR, event_id: expect.any(String) });
    }
    expect((await traces.events('auth', 'ClientChanged', 'photo-viewer')).slice(-2)).toMatchObject([
      { change: 'disabled', actor: OPERATOR },
      { change: 'enabled', actor: OPERATOR },
    ]);
  });

  it.each([
    ['an operator', 'admin'],
    ['the user', 'user'],
  ])('a consent revoked by %s', async (_, reason) => {
    const person = await somebody();
    const { agent, sid, sub } = await signedIn(person);
    const gid = await grantOf(sid);
    const actor = reason === 'user' ? sub : OPERATOR;
    if (reason === 'user') {
      const here = new AccountOwner(world.issuer, person, agent);
      await here.press(await here.look('/account/applications'), '/applications/revoke', {}, 'photo-shop');
    } else await ask('auth', `/admin/users/${sub}/consents/photo-shop/revoke`);
    const line = await traces.line('auth', { msg: 'consent revoked', sub });
    expect(line).toMatchObject({ level: INFO, client_id: 'photo-shop', reason, actor, count: 1, confirmed: true });
    for (const action of ['consent.revoked', 'consent.grants_revoked']) {
      const audited = await traces.audit('auth', action, String(line.consent_id));
      expect(audited).toMatchObject([{ actor, reason, request_id: line.request_id }]);
    }
    await revoked(gid, { reason: 'consent_revoked', actor }, { consent_id: line.consent_id, request_id: line.request_id });
  });

  it('one client cut out of a session', async () => {
    const { sid } = await signedIn(STORY.jane);
    const gid = await grantOf(sid);
    await ask('session', `/admin/sessions/${sid}/participants/photo-shop/end`);
    expect(await traces.audit('session', 'participant.ended', sid)).toMatchObject([{ actor: OPERATOR, reason: 'admin' }]);
    await revoked(gid, { reason: 'admin', actor: OPERATOR }, { sid, client_id: 'photo-shop' });
  });

  it('a refresh token replayed', async () => {
    const { tokens, sid } = await signedIn(STORY.john);
    const gid = await grantOf(sid);
    let { refresh_token } = tokens;
    for (const _ of ['first', 'second']) refresh_token = String((await world.raw('photo-shop').refresh(refresh_token)).body.refresh_token);
    expect((await world.raw('photo-shop').refresh(tokens.refresh_token)).status).toBe(400);
    expect(await traces.audit('token', 'refresh.replayed', gid)).toMatchObject([{ actor: 'client:photo-shop', reason: 'superseded' }]);
    const line = await traces.line('token', { gid, reason: 'refresh_replay' });
    expect(line).toMatchObject({ level: WARN, detail: 'superseded', actor: 'client:photo-shop', request_id: expect.any(String) });
  });

  it('a code redeemed twice', async () => {
    const { started, code } = await world.signInAt(new UserAgent(), world.shop, ONLINE);
    const exchange = () => world.raw('photo-shop').exchange(String(code), started.verifier, world.shop.callback);
    const { body } = await exchange();
    const { sid } = (await world.raw('gateway').introspect(String(body.access_token))).body;
    expect((await exchange()).status).toBe(400);
    const gid = await grantOf(String(sid));
    expect(await traces.audit('token', 'code.replayed', gid)).toMatchObject([{ actor: 'client:photo-shop' }]);
    expect(await traces.line('token', { gid, reason: 'code_replay' })).toMatchObject({ level: WARN, actor: 'client:photo-shop' });
  });

  it('a key rotated out of turn and one revoked', async () => {
    await ask('token', '/admin/keys/lines/sealing/rotate');
    const rotated = await traces.line('token', { name: 'sealing', actor: OPERATOR });
    const { kid } = rotated;
    expect(rotated).toMatchObject({ level: INFO, reason: 'admin', kid: expect.any(String) });
    await ask('token', `/admin/keys/${String(kid)}/revoke`);
    expect(await traces.line('token', { msg: 'a key is revoked' })).toMatchObject({ level: INFO, kid, reason: 'admin', actor: OPERATOR });
  });

  async function revoked(gid: string, cause: { reason: string; actor: string }, found: Record<string, unknown>): Promise<void> {
    expect(await traces.audit('token', 'grant.revoked', gid)).toMatchObject([cause]);
    expect(await traces.events('token', 'GrantRevoked', gid)).toMatchObject([{ gid, ...cause }]);
    expect(await traces.line('token', { msg: 'grants revoked', ...found })).toMatchObject({ level: INFO, count: 1, ...cause });
  }
});

/** Last in this file: the database's clock only goes ahead. */
it('a session ended by idle time', async () => {
  const { sid, sub } = await signedIn(await somebody());
  await world.advance(1_801_000);
  await traces.ofEnd(sid, sub, { reason: 'idle_timeout', initiated_by: 'policy', actor: 'policy' });
});
