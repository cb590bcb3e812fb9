import { type RequestOf, sessionApi } from '#libs/contracts';
import { CheckpointGate, STORY } from '#libs/testing';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/** Race 10 and the rules about one browser: the same user again, another user, a login that meets the end of the session it renews. */
const gates = new CheckpointGate();
let world: World;
beforeAll(async () => {
  world = await startWorld({ checkpoints: gates });
}, 360_000);
afterAll(async () => {
  gates.releaseAll();
  await world?.close();
});
afterEach(() => gates.releaseAll());

const SCOPE = 'openid profile photos:read online_access';
const end = (sid: string, reason: RequestOf<typeof sessionApi.end>['reason'] = 'admin') =>
  world.stand.call('auth', sessionApi.end, { sid, reason, initiated_by: 'admin', actor: null });

async function claimsOf(accessToken: string) {
  return (await world.raw('gateway').introspect(accessToken)).body;
}

describe('in one browser', () => {
  it('the same user signing in again keeps the session, gets a new cookie and a new auth_time', async () => {
    const agent = new UserAgent();
    const first = await claimsOf((await world.tokensFor(agent, world.shop, SCOPE)).access_token);
    const cookies = [...agent.cookies().values()];
    const again = await world.tokensFor(agent, world.shop, SCOPE, { more: { prompt: 'login' } });
    const second = await claimsOf(again.access_token);
    expect(second.sid).toBe(first.sid);
    expect(second.auth_time).toBeGreaterThanOrEqual(Number(first.auth_time));
    expect([...agent.cookies().values()].every((value) => cookies.includes(value))).toBe(false);
  });

  it('the old cookie is worth nothing after that', async () => {
    const agent = new UserAgent();
    await world.tokensFor(agent, world.shop, SCOPE);
    const stolen = new UserAgent();
    for (const [name, value] of agent.cookies()) stolen.setCookie(name, value);
    expect((await world.signInAt(stolen, world.shop, SCOPE, { more: { prompt: 'none' } })).error).toBeNull();
    await world.tokensFor(agent, world.shop, SCOPE, { more: { prompt: 'login' } });
    expect((await world.signInAt(stolen, world.shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('login_required');
  });

  it('another user signing in ends the first one’s session, and every token of it', async () => {
    const agent = new UserAgent();
    const janes = await world.tokensFor(agent, world.shop, SCOPE);
    const jane = await claimsOf(janes.access_token);
    const johns = await world.tokensFor(agent, world.shop, SCOPE, { person: STORY.john, more: { prompt: 'login' } });
    const john = await claimsOf(johns.access_token);
    expect(john.sub).not.toBe(jane.sub);
    expect(john.sid).not.toBe(jane.sid);
    expect(await world.isActive(janes.access_token)).toBe(false);
    expect((await world.raw('photo-shop').refresh(janes.refresh_token)).body.error).toBe('invalid_grant');
    const [row] = await world.stand.database.query('SELECT end_reason FROM session.session WHERE sid = $1', [jane.sid]);
    expect(row?.end_reason).toBe('user_switch');
  });
});

describe('race 10: a login that meets the end of the session in its browser', () => {
  const same = ['after-generation', 'after-commit'].map((place) => ['the same user', place, STORY.jane] as const);
  const other = ['after-generation', 'after-replaced', 'after-row', 'before-commit', 'after-commit'].map(
    (place) => ['another user', place, STORY.john] as const,
  );

  it.each([...same, ...other])(
    '%s, held at session.start.%s: what was ended stays ended, and what comes out is not of it',
    async (_who, place, person) => {
      const agent = new UserAgent();
      const old = await world.tokensFor(agent, world.shop, SCOPE);
      const sid = String((await claimsOf(old.access_token)).sid);
      const held = gates.hold(`session.start.${place}`);
      const signingIn = world.signInAt(agent, world.shop, SCOPE, { person, more: { prompt: 'login' } });
      await Promise.race([
        held.reached,
        signingIn.then(({ page }) => Promise.reject(new Error(`not held: ${page.status} ${page.url.href}`))),
      ]);
      // where the login holds the row's lock the end waits for it, so the login goes on before the end has answered
      const ending = end(sid);
      held.release();
      const [{ started, code, page }] = await Promise.all([signingIn, ending]);

      expect(await stateOf(sid)).toBe('ended');
      expect(await world.isActive(old.access_token)).toBe(false);
      expect((await world.raw('photo-shop').refresh(old.refresh_token)).body.error).toBe('invalid_grant');
      expect(page.status).toBeLessThan(500);
      if (!code) return;
      const answer = await world.raw('photo-shop').exchange(code, started.verifier, world.shop.callback);
      if (answer.status !== 200) return expect(answer.body.error).toBe('invalid_grant');
      const claims = await claimsOf(String(answer.body.access_token));
      expect(claims.active && claims.sid === sid).toBe(false);
    },
  );
});

async function stateOf(sid: string): Promise<unknown> {
  return (await world.stand.database.query('SELECT state FROM session.session WHERE sid = $1', [sid]))[0]?.state;
}

describe('race 16: 200 wrong passwords at once', () => {
  it('run no more hashes than an account is allowed, and the throttle says when to come back', async () => {
    const { url } = await world.shop.begin(SCOPE);
    const pages = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const agent = new UserAgent();
        return { agent, page: await agent.open(url, world.shop.isMine) };
      }),
    );
    const answers = await Promise.all(
      pages.map(({ agent, page }) => {
        const [form] = agent.forms(page);
        if (!form) throw new Error(`no login page: ${page.status}`);
        return agent.submit(page, form, { username: STORY.john.username, password: 'wrong' }, world.shop.isMine);
      }),
    );
    const stopped = answers.filter(({ status }) => status === 429);
    expect(answers.length - stopped.length).toBe(10);
    expect(answers.every(({ status }) => status < 500)).toBe(true);
    expect(stopped.every(({ headers }) => /^\d+$/.test(headers.get('retry-after') ?? ''))).toBe(true);
    const { page } = await world.signInAt(new UserAgent(), world.shop, SCOPE, { person: STORY.john });
    expect(page.status).toBe(429);
  });
});
