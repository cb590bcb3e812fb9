import type { ServiceName } from '#libs/contracts';
import { secretOf, until } from '#libs/testing';
import { answerOf, basic, type TokenSet } from '../../actors/raw-client.js';
import { UserAgent } from '../../actors/user-agent.js';
import type { Flow } from './flow.js';
import type { Killing } from './killing.js';
import { endAndExpectAll, INVALID_GRANT, SCOPE, signedIn, storyOf } from './session-story.js';

const liveGrants = (killing: Killing, sid: string, client: string) =>
  killing.count('SELECT count(*) FROM token.grants WHERE sid = $1 AND client_id = $2 AND revoked_at IS NULL', [sid, client]);

/** S7. Unspent, the code works; spent, its second use kills what nobody received, and the browser is still signed in. */
const exchangeFlow = (service: ServiceName, places: Flow['places'], daily: Flow['daily']): Flow => ({
  name: `exchange of a code, ${service} killed`,
  service,
  places,
  daily,
  async run(killing, place, side) {
    const { world } = killing;
    const agent = new UserAgent();
    const { started, code } = await world.signInAt(agent, world.shop, SCOPE);
    const exchange = () => world.raw('photo-shop').exchange(code ?? '', started.verifier, world.shop.callback);
    const seen = await killing.cut({ service, place, step: exchange });
    if (service === 'token') expect(seen).toHaveProperty('error');
    else expect(seen).toMatchObject({ answer: { status: 503 } });
    const second = await exchange();
    if (side === 'before') expect(second.status).toBe(200);
    else expect(second).toMatchObject(INVALID_GRANT);
    const tokens = side === 'before' ? (second.body as unknown as TokenSet) : await world.tokensFor(agent, world.shop, SCOPE);
    const story = await storyOf(killing, agent, tokens);
    expect(await liveGrants(killing, story.sid, 'photo-shop')).toBe(1);
    await endAndExpectAll(killing, story);
  },
});

/** The browser never saw the code: it asks again. A code that nobody received is no token. */
const issueFlow = (service: ServiceName, place: string): Flow => ({
  name: `issue of a code, ${service} killed`,
  service,
  places: { [place]: 'after' },
  daily: [place],
  async run(killing) {
    const { world } = killing;
    const agent = new UserAgent();
    const seen = await killing.cut({ service, place, step: () => world.signInAt(agent, world.shop, SCOPE) });
    expect(seen).not.toHaveProperty('answer.code', expect.any(String));
    const story = await storyOf(killing, agent, await world.tokensFor(agent, world.shop, SCOPE));
    expect(await liveGrants(killing, story.sid, 'photo-shop')).toBe(1);
    await endAndExpectAll(killing, story);
  },
});

/** S6: who asks again with what it has gets one successor, however often. */
const refreshFlow = (service: ServiceName, places: Flow['places'], daily: Flow['daily']): Flow => ({
  name: `refresh, ${service} killed`,
  service,
  places,
  daily,
  async run(killing, place) {
    const { world } = killing;
    const story = await signedIn(killing);
    const before = story.tokens['photo-shop'];
    const refresh = () => world.raw('photo-shop').refresh(before.refresh_token);
    // Long enough that activity is worth a write.
    if (service === 'session') await world.advance(10 * 60_000);
    const seen = await killing.cut({ service, place, step: refresh });
    if (service === 'token') expect(seen).toHaveProperty('error');
    else expect(seen).toMatchObject({ answer: { status: 503 } });
    const [again, third] = [await refresh(), await refresh()];
    expect(again.status).toBe(200);
    expect(third).toMatchObject({ status: 200, body: { refresh_token: again.body.refresh_token } });
    expect(await world.isActive(String(again.body.access_token))).toBe(true);
    const numbers = 'SELECT refresh_seq AS count FROM token.grants WHERE sid = $1 AND client_id = $2';
    expect(await killing.count(numbers, [story.sid, 'photo-shop'])).toBe(2);
    const tokens = { ...story.tokens, 'photo-shop': again.body as unknown as TokenSet };
    await endAndExpectAll(killing, { ...story, tokens });
  },
});

/** S10, S11: committed is revoked, answered or not; the session and its other application go on. */
const revokeFlow: Flow = {
  name: 'revocation of a refresh token',
  service: 'token',
  places: { 'token.revoke.after-commit': 'after', 'token.revoke.after-confirm': 'after' },
  daily: ['token.revoke.after-commit'],
  async run(killing, place) {
    const { world } = killing;
    const story = await signedIn(killing);
    const { refresh_token, access_token } = story.tokens['photo-shop'];
    const revoke = () => world.raw('photo-shop').revoke(refresh_token);
    const whileDown = () =>
      until(async () => !(await world.isActive(access_token, world.raw('gateway'))), { timeoutMs: 2_000, what: 'inactive' });
    expect(await killing.cut({ service: 'token', place, step: revoke, whileDown })).toHaveProperty('error');
    expect((await revoke()).status).toBe(200);
    expect(await world.patient('photo-shop').refresh(refresh_token)).toMatchObject(INVALID_GRANT);
    expect(await world.isActive(story.tokens['photo-book'].access_token)).toBe(true);
    await endAndExpectAll(killing, story);
  },
};

/** Withdrawn stays withdrawn: the service that was killed in between finishes it when it is back. The session goes on. */
const consentFlow: Flow = {
  name: 'withdrawal of a consent',
  service: 'auth',
  places: { 'auth.consent.after-withdraw': 'before', 'auth.consent.after-grants': 'after' },
  daily: [],
  async run(killing, place) {
    const { world } = killing;
    const story = await signedIn(killing);
    const { sub } = (await world.patient('gateway').introspect(story.tokens['photo-shop'].access_token)).body;
    const withdraw = () => killing.operator.call('auth', 'POST', `/admin/users/${sub}/consents/photo-shop/revoke`);
    expect(await killing.cut({ service: 'auth', place, step: withdraw })).toHaveProperty('error');
    const unfinished = 'SELECT count(*) FROM auth.consent WHERE revoked_at IS NOT NULL AND grants_revoked_at IS NULL';
    await until(async () => (await killing.count(unfinished)) === 0, { what: 'finished', timeoutMs: 20_000 });
    expect(await world.patient('photo-shop').refresh(story.tokens['photo-shop'].refresh_token)).toMatchObject(INVALID_GRANT);
    expect(await world.isActive(story.tokens['photo-book'].access_token)).toBe(true);
    await endAndExpectAll(killing, story);
  },
};

/** Before the commit there is no session; after it one whose cookie nobody has. Either way the person signs in again. */
const startFlow: Flow = {
  name: 'start of a session',
  service: 'session',
  places: {
    'session.start.after-generation': 'before',
    'session.start.after-replaced': 'before',
    'session.start.after-row': 'before',
    'session.start.before-commit': 'before',
    'session.start.after-commit': 'after',
  },
  daily: ['session.start.before-commit', 'session.start.after-commit'],
  async run(killing, place, side) {
    const { world } = killing;
    const agent = new UserAgent();
    const sessions = () => killing.count('SELECT count(*) FROM session.session');
    const earlier = await sessions();
    const seen = await killing.cut({ service: 'session', place, step: () => world.signInAt(agent, world.shop, SCOPE) });
    expect(seen).toMatchObject({ answer: { code: null, page: { status: 503 } } });
    expect(await sessions()).toBe(earlier + (side === 'after' ? 1 : 0));
    const story = await storyOf(killing, agent, await world.tokensFor(agent, world.shop, SCOPE));
    await endAndExpectAll(killing, story);
  },
};

/** Nothing is written: a lost answer is asked for again. */
const checkFlow = (service: 'auth' | 'introspect', place: string): Flow => ({
  name: service === 'auth' ? 'userinfo' : 'introspection',
  service,
  places: { [place]: 'before' },
  daily: [place],
  async run(killing) {
    const { world } = killing;
    const story = await signedIn(killing);
    const { access_token } = story.tokens['photo-shop'];
    const check = () =>
      service === 'auth' ? world.raw('photo-shop').userinfo(access_token) : world.raw('gateway').introspect(access_token);
    expect(await killing.cut({ service, place, step: check })).toHaveProperty('error');
    await until(async () => (await check()).status === 200, { what: 'answered again' });
    expect(await world.isActive(access_token)).toBe(true);
    await endAndExpectAll(killing, story);
  },
});

const machineFlow: Flow = {
  name: 'client credentials',
  service: 'token',
  places: { 'token.client-credentials.before-mint': 'before', 'token.client-credentials.before-answer': 'after' },
  daily: [],
  async run(killing, place) {
    const { world } = killing;
    const headers = {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: basic('print-press', secretOf('print-press')),
    };
    const body = 'grant_type=client_credentials&scope=photos%3Aread';
    const ask = async () => answerOf(await fetch(world.endpoints.token, { method: 'POST', headers, body }));
    expect(await killing.cut({ service: 'token', place, step: ask })).toHaveProperty('error');
    const { status, body: tokens } = await ask();
    expect(status).toBe(200);
    expect(await world.isActive(String(tokens.access_token))).toBe(true);
  },
};

export const TOKEN_FLOWS: readonly Flow[] = [
  exchangeFlow(
    'token',
    {
      'token.code.after-find': 'before',
      'token.code.after-truth': 'before',
      'token.code.before-commit': 'before',
      'token.code.after-grant': 'after',
      'token.code.before-mint': 'after',
      'token.code.before-answer': 'after',
    },
    ['token.code.before-commit', 'token.code.before-answer'],
  ),
  exchangeFlow('session', { 'session.truth.after-lock': 'before', 'session.truth.before-commit': 'before' }, []),
  issueFlow('token', 'token.code.after-issue'),
  issueFlow('auth', 'auth.finish.after-code'),
  refreshFlow(
    'token',
    {
      'token.refresh.after-truth': 'before',
      'token.refresh.after-classify': 'before',
      'token.refresh.after-rotate': 'after',
      'token.refresh.after-touch': 'after',
      'token.refresh.before-mint': 'after',
      'token.refresh.before-answer': 'after',
    },
    ['token.refresh.after-classify', 'token.refresh.after-rotate'],
  ),
  refreshFlow('session', { 'session.touch.before-lock': 'after', 'session.touch.before-commit': 'after' }, []),
  revokeFlow,
  consentFlow,
  startFlow,
  checkFlow('auth', 'auth.userinfo.before-send'),
  checkFlow('introspect', 'introspect.before-send'),
  machineFlow,
];
