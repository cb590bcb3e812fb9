import { authApi, sessionApi, tokenApi } from '#libs/contracts';
import { CheckpointGate, type HeldPlace } from '#libs/testing';
import type { Answer, TokenSet } from '../actors/raw-client.js';
import { UserAgent } from '../actors/user-agent.js';
import { startWorld, type World } from '../world.js';

/**
 * The races of RELIABILITY's table that cross services, each forced at named places. The judgement is always the same: whatever
 * the order, no token is usable after the acknowledgement.
 */
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

interface SignedIn {
  agent: UserAgent;
  tokens: TokenSet;
  sid: string;
  sub: string;
  gid: string;
}

async function signedIn(): Promise<SignedIn> {
  const agent = new UserAgent();
  const tokens = await world.tokensFor(agent, world.shop, SCOPE);
  const { body } = await world.raw('gateway').introspect(tokens.access_token);
  return { agent, tokens, sid: String(body.sid), sub: String(body.sub), gid: String(body.gid) };
}

const end = (sid: string) => world.stand.call('auth', sessionApi.end, { sid, reason: 'admin', initiated_by: 'admin', actor: null });

/** Holds a request at a place, does `meanwhile`, and lets it go on. One told 503 before it got there is made again. */
async function overtaken(place: string, request: () => Promise<Answer>, meanwhile: () => Promise<unknown>): Promise<Answer> {
  const held: HeldPlace = gates.hold(place);
  let answer = request();
  let stands = false;
  const reached = held.reached.then(() => {
    stands = true;
  });
  const notHeld = async (): Promise<void> => {
    const { status, body } = await answer;
    if (stands) return;
    if (status !== 503) throw new Error(`not held at ${place}: ${status} ${JSON.stringify(body)}`);
    answer = request();
    return notHeld();
  };
  await Promise.race([reached, notHeld()]);
  await meanwhile();
  held.release();
  return answer;
}

/** Either nothing came out, or what came out is refused everywhere and can't be used to get more. */
async function expectNothingUsable({ status, body }: Answer): Promise<void> {
  if (status !== 200) {
    expect(body.error).toMatch(/^(invalid_grant|temporarily_unavailable|invalid_client)$/);
    return;
  }
  expect(await world.isActive(String(body.access_token))).toBe(false);
  expect((await world.raw('photo-shop').userinfo(String(body.access_token))).status).toBe(401);
  if (body.refresh_token) expect((await world.raw('photo-shop').refresh(String(body.refresh_token))).body.error).toBe('invalid_grant');
}

const REFRESH_PLACES = ['after-truth', 'after-classify', 'after-rotate', 'after-touch', 'before-mint', 'before-answer'];
const CODE_PLACES = ['after-find', 'after-truth', 'after-grant', 'before-mint', 'before-answer'];

describe('race 1: a refresh in flight while its session ends', () => {
  it.each(REFRESH_PLACES)('held at %s: whatever comes out is refused everywhere', async (place) => {
    const { tokens, sid } = await signedIn();
    const answer = await overtaken(
      `token.refresh.${place}`,
      () => world.raw('photo-shop').refresh(tokens.refresh_token),
      async () => expect(await end(sid)).toMatchObject({ ended: true, confirmed: true }),
    );
    await expectNothingUsable(answer);
    expect(await world.isActive(tokens.access_token)).toBe(false);
  });

  it('the other way round: invalid_grant, and the rotation has not moved', async () => {
    const { tokens, sid, gid } = await signedIn();
    const before = await sequenceOf(gid);
    await end(sid);
    expect(await world.raw('photo-shop').refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await sequenceOf(gid)).toBe(before);
  });
});

describe('race 2: a code exchanged while its session ends', () => {
  it.each(CODE_PLACES)('held at %s: whatever comes out is refused everywhere', async (place) => {
    const { started, code, sid } = await withCode();
    const answer = await overtaken(
      `token.code.${place}`,
      () => exchange(started.verifier, code),
      async () => expect(await end(sid)).toMatchObject({ ended: true }),
    );
    await expectNothingUsable(answer);
  });

  it('the other way round: invalid_grant', async () => {
    const { started, code, sid } = await withCode();
    await end(sid);
    expect(await exchange(started.verifier, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('is a participant of the session whenever it got tokens: it hears of the end', async () => {
    const { started, code, sid } = await withCode();
    const before = world.receivers['photo-shop'].deliveries.length;
    await overtaken(
      'token.code.after-truth',
      () => exchange(started.verifier, code),
      () => end(sid),
    );
    await world.receivers['photo-shop'].received(before + 1);
  });
});

describe('race 5: two refreshes at once', () => {
  it('both held before they rotate: one successor, given to both', async () => {
    const { tokens, gid } = await signedIn();
    const before = await sequenceOf(gid);
    const held = gates.hold('token.refresh.after-truth');
    const both = [world.raw('photo-shop').refresh(tokens.refresh_token), world.raw('photo-shop').refresh(tokens.refresh_token)];
    await held.reached;
    held.release();
    const answers = await Promise.all(both);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[0]?.body.refresh_token).toBe(answers[1]?.body.refresh_token);
    expect(await sequenceOf(gid)).toBe(before + 1);
  });
});

describe('race 7: a lost response asked for again after the session ended', () => {
  it('is invalid_grant: truth comes before grace', async () => {
    const { tokens, sid } = await signedIn();
    expect((await world.raw('photo-shop').refresh(tokens.refresh_token)).status).toBe(200);
    await end(sid);
    expect(await world.raw('photo-shop').refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });
});

describe('race 15: a refresh token revoked while it is used', () => {
  it.each(REFRESH_PLACES)('held at %s: the family is dead, the session alive', async (place) => {
    const { agent, tokens } = await signedIn();
    const revoke = () => world.raw('photo-shop').revoke(tokens.refresh_token);
    const answer = await overtaken(
      `token.refresh.${place}`,
      () => world.raw('photo-shop').refresh(tokens.refresh_token),
      async () => expect((await revoke()).status).toBe(200),
    );
    await expectNothingUsable(answer);
    expect(await world.isActive(tokens.access_token)).toBe(false);
    expect((await world.signInAt(agent, world.shop, SCOPE, { more: { prompt: 'none' } })).error).toBeNull();
  });
});

describe('race 17: a user or a client disabled in the middle', () => {
  it('between code and token: the user’s code is worth nothing', async () => {
    const { started, code, sub } = await withCode();
    await disableSubject(sub, true);
    expect(await exchange(started.verifier, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    await disableSubject(sub, false);
    expect(await exchange(started.verifier, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each(REFRESH_PLACES)(
    'the user, while a refresh is held at %s: refused everywhere, and nothing comes back with the account',
    async (place) => {
      const { tokens, sub } = await signedIn();
      const answer = await overtaken(
        `token.refresh.${place}`,
        () => world.raw('photo-shop').refresh(tokens.refresh_token),
        () => disableSubject(sub, true),
      );
      await expectNothingUsable(answer);
      await disableSubject(sub, false);
      await expectNothingUsable(answer);
      expect(await world.isActive(tokens.access_token)).toBe(false);
      expect((await world.raw('photo-shop').userinfo(tokens.access_token)).status).toBe(401);
      expect((await world.raw('photo-shop').refresh(tokens.refresh_token)).body.error).toBe('invalid_grant');
    },
  );

  it('the client: it fails everywhere and its tokens die; its grants resume when it is enabled again', async () => {
    const { tokens, agent } = await signedIn();
    await disableClient('photo-shop', true);
    expect(await world.isActive(tokens.access_token)).toBe(false);
    expect((await world.raw('photo-shop').userinfo(tokens.access_token)).status).toBe(401);
    expect(await world.raw('photo-shop').refresh(tokens.refresh_token)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await world.raw('photo-shop').introspect(tokens.access_token)).toMatchObject({ status: 401 });
    expect((await world.signInAt(agent, world.shop, SCOPE, { more: { prompt: 'none' } })).code).toBeNull();
    await disableClient('photo-shop', false);
    expect(await world.isActive(tokens.access_token)).toBe(false);
    const resumed = await world.raw('photo-shop').refresh(tokens.refresh_token);
    expect(resumed.status).toBe(200);
    expect(await world.isActive(String(resumed.body.access_token))).toBe(true);
  });

  it.each(CODE_PLACES)('the client, while a code exchange is held at %s: what comes out is refused', async (place) => {
    const { started, code } = await withCode();
    const answer = await overtaken(
      `token.code.${place}`,
      () => exchange(started.verifier, code),
      () => disableClient('photo-shop', true),
    );
    if (answer.status === 200) expect(await world.isActive(String(answer.body.access_token))).toBe(false);
    else expect(answer.status).toBeLessThan(500);
    await disableClient('photo-shop', false);
    if (answer.status === 200) expect(await world.isActive(String(answer.body.access_token))).toBe(false);
  });
});

describe('race 19: consent taken back while a refresh is under way', () => {
  it.each(REFRESH_PLACES)('held at %s: refused everywhere once it was acknowledged', async (place) => {
    const { tokens, sub } = await signedIn();
    const answer = await overtaken(
      `token.refresh.${place}`,
      () => world.raw('photo-shop').refresh(tokens.refresh_token),
      () => world.stand.call('auth', authApi.revokeConsent, { sub, client_id: 'photo-shop' }),
    );
    await expectNothingUsable(answer);
  });

  it('the other way round: invalid_grant, and the next sign-in asks again', async () => {
    const { agent, tokens, sub } = await signedIn();
    expect(await world.stand.call('auth', authApi.revokeConsent, { sub, client_id: 'photo-shop' })).toMatchObject({
      revoked: true,
      confirmed: true,
    });
    expect(await world.raw('photo-shop').refresh(tokens.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await world.signInAt(agent, world.shop, SCOPE, { more: { prompt: 'none' } })).error).toBe('consent_required');
  });

  it('a code given under it is worth nothing after it', async () => {
    const { started, code, sub } = await withCode();
    await world.stand.call('auth', authApi.revokeConsent, { sub, client_id: 'photo-shop' });
    expect(await exchange(started.verifier, code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it.each(CODE_PLACES)('a code under it, held at %s of its exchange: nothing usable comes out', async (place) => {
    const { started, code, sub } = await withCode();
    const answer = await overtaken(
      `token.code.${place}`,
      () => exchange(started.verifier, code),
      () => world.stand.call('auth', authApi.revokeConsent, { sub, client_id: 'photo-shop' }),
    );
    await expectNothingUsable(answer);
  });

  it('by an operator through the token service: the grant alone', async () => {
    const { tokens, gid } = await signedIn();
    expect(await world.stand.call('auth', tokenApi.revokeGrants, { by: { gid }, reason: 'admin' })).toEqual({
      revoked: 1,
      confirmed: true,
    });
    expect(await world.isActive(tokens.access_token)).toBe(false);
  });
});

/** A code whose session is known by a first grant of the same browser. */
async function withCode() {
  const { agent, sid, sub } = await signedIn();
  const { started, code } = await world.signInAt(agent, world.shop, SCOPE);
  if (!code) throw new Error('no code');
  return { started, code, sid, sub };
}

function exchange(verifier: string, code: string): Promise<Answer> {
  return world.raw('photo-shop').exchange(code, verifier, world.shop.callback);
}

function disableSubject(sub: string, disabled: boolean) {
  return world.stand.call('auth', authApi.setSubjectDisabled, { sub, disabled });
}

function disableClient(client_id: string, disabled: boolean) {
  return world.stand.call('auth', authApi.setClientDisabled, { client_id, disabled });
}

async function sequenceOf(gid: string): Promise<number> {
  const [grant] = await world.stand.database.query<{ refresh_seq: string }>('SELECT refresh_seq FROM token.grants WHERE gid = $1', [gid]);
  return Number(grant?.refresh_seq);
}
