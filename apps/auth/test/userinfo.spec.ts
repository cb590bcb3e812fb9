import * as oauth from 'oauth4webapi';
import { tokenApi } from '#libs/contracts';
import { generateSigningKey, KeySet, verifyJwt } from '#libs/keys';
import { until } from '#libs/testing';
import { UserinfoWorld } from './userinfo-world.js';

const UNASKED = /^Bearer realm="[^"]+"$/;
let world: UserinfoWorld;

beforeAll(async () => {
  world = await UserinfoWorld.start();
}, 180_000);
afterAll(() => world?.close());

const problem = async (answer: Response) => ({
  status: answer.status,
  error: ((await answer.json()) as { error: string }).error,
  challenge: answer.headers.get('www-authenticate') ?? '',
});
const refused = { status: 401, error: 'invalid_token', challenge: expect.stringContaining('error="invalid_token"') };

describe('at start', () => {
  it('the keys are read unasked, so that the first token is answered also if the token service is away by then', async () => {
    const read = () => [tokenApi.sealingKeys, tokenApi.publicKeys].every(({ path }) => world.tokens.asked.has(path));
    await until(read, { what: 'both kinds of keys are read' });
    world.tokens.down = true;
    const statuses = [(await world.get(world.opaque())).status, (await world.get(world.tokens.jwt(world.claims()))).status];
    world.tokens.down = false;
    expect(statuses).toEqual([200, 200]);
  });
});

describe('who a token speaks for', () => {
  const JANE = { name: 'Jane Doe', email: 'jane@photos.example', email_verified: true, preferred_username: 'jane' };

  it('is said for an opaque token in the header', async () => {
    const answer = await world.get(world.opaque());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({ sub: world.jane, ...JANE, updated_at: expect.any(Number) });
  });

  it('is said for a JWT access token, for a form, and for a POST that has a header and no body', async () => {
    expect(await (await world.get(world.tokens.jwt(world.claims()))).json()).toMatchObject(JANE);
    expect(await (await world.post({ access_token: world.opaque() })).json()).toMatchObject(JANE);
    const headers = { authorization: `bearer ${world.opaque()}` };
    expect(await (await fetch(world.url, { method: 'POST', headers })).json()).toMatchObject(JANE);
    expect(await (await world.post({}, headers)).json()).toMatchObject(JANE);
  });

  it.each([
    ['openid', []],
    ['openid email', ['email', 'email_verified']],
    ['openid phone address photos:read', ['phone_number', 'address']],
    ['profile openid', ['name', 'preferred_username', 'updated_at']],
  ])('is said by scope: %s', async (scope, names) => {
    const claims = (await (await world.get(world.opaque({ scope }))).json()) as object;
    expect(Object.keys(claims).sort()).toEqual(['sub', ...names].sort());
  });

  it('passes what oauth4webapi expects of it', async () => {
    const as = { issuer: world.world.issuer, userinfo_endpoint: world.url };
    const client = { client_id: 'photo-shop' };
    const answer = await oauth.userInfoRequest(as, client, world.opaque(), { [oauth.allowInsecureRequests]: true });
    expect(await oauth.processUserInfoResponse(as, client, world.jane, answer)).toMatchObject(JANE);
  });

  it('is signed for a client that registered for it', async () => {
    const answer = await world.get(world.opaque({ client_id: 'signed', scope: 'openid email' }));
    expect(answer.headers.get('content-type')).toBe('application/jwt');
    const verified = verifyJwt(await answer.text(), { keys: new KeySet(world.tokens.publicKeys), algs: ['ES256'] });
    expect(verified?.claims).toMatchObject({ iss: world.world.issuer, aud: 'signed', sub: world.jane, email: 'jane@photos.example' });
  });

  it('is not said in the clear to a client that registered for encryption', async () => {
    expect(await problem(await world.get(world.opaque({ client_id: 'sealed' })))).toMatchObject({
      status: 400,
      error: 'unauthorized_client',
    });
  });
});

describe('a request that shows no token', () => {
  it.each([
    ['no header', () => ({})],
    ['a token sent as DPoP', () => ({ authorization: `DPoP ${world.opaque()}` })],
    ['client credentials', () => ({ authorization: `Basic ${Buffer.from('a:b').toString('base64')}` })],
  ])('is told only that one is needed: %s', async (_name, headers: () => Record<string, string>) => {
    const answer = await fetch(world.url, { headers: headers() });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(UNASKED);
    expect(await answer.text()).toBe('');
  });

  it('is also one with a good token in the query', async () => {
    const answer = await fetch(`${world.url}?access_token=${world.opaque()}`);
    expect([answer.status, await answer.text()]).toEqual([401, '']);
    expect(answer.headers.get('www-authenticate')).toMatch(UNASKED);
  });
});

describe('a request that is refused as malformed', () => {
  const malformed = { status: 400, error: 'invalid_request', challenge: expect.stringContaining('error="invalid_request"') };

  it('shows its token in two ways', async () => {
    const token = world.opaque();
    const authorization = `Bearer ${token}`;
    expect(await problem(await world.post({ access_token: token }, { authorization }))).toEqual(malformed);
    expect(await problem(await fetch(`${world.url}?access_token=${token}`, { headers: { authorization } }))).toEqual(malformed);
    const twice = {
      method: 'POST',
      body: new URLSearchParams([
        ['access_token', token],
        ['access_token', token],
      ]),
    };
    expect(await problem(await fetch(world.url, twice))).toEqual(malformed);
  });

  it('has a JSON body', async () => {
    const body = JSON.stringify({ access_token: world.opaque() });
    const answer = await fetch(world.url, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect(await problem(answer)).toMatchObject({ status: 400, error: 'invalid_request' });
  });

  it('has another method', async () => {
    expect((await fetch(world.url, { method: 'DELETE' })).status).toBe(405);
  });
});

describe('a token that is no good here', () => {
  it.each([
    ['not of ours', () => 'abc'],
    ['two words', () => `${world.opaque()} more`],
    ['empty', () => ''],
    ['a refresh token', () => `lanyard_rt_${'A'.repeat(100)}`],
    ['cut by one character', () => world.opaque().slice(0, -1)],
    ['of another issuer', () => world.opaque({ iss: 'https://other.example' })],
    ['expired', () => world.opaque({ exp: Math.floor(Date.now() / 1_000) - 1 })],
    ['an ID token', () => world.tokens.jwt(world.claims(), 'JWT')],
    ['a logout token', () => world.tokens.jwt(world.claims(), 'logout+jwt')],
    ['of an unknown subject', () => world.opaque({ sub: 'nobody' })],
    ['of an unknown client', () => world.opaque({ client_id: 'nobody' })],
  ])('is refused: %s', async (_name, token) => {
    expect(await problem(await world.get(token()))).toEqual(refused);
  });

  it('is refused: signed with a key that is not ours', async () => {
    const token = world.tokens.jwt(world.claims(), 'at+jwt', await generateSigningKey('ES256'));
    expect(await problem(await world.get(token))).toEqual(refused);
  });

  it('is told which scope it lacks', async () => {
    expect(await problem(await world.get(world.opaque({ scope: 'profile photos:read' })))).toEqual({
      status: 403,
      error: 'insufficient_scope',
      challenge: expect.stringMatching(/error="insufficient_scope".*scope="openid"/),
    });
  });
});

describe('people and clients that were switched off', () => {
  const change = (sql: string) => world.world.database.query(sql);

  it('are refused by the record, though no revocation says so', async () => {
    const sub = await world.sub('gone');
    expect((await world.get(world.opaque({ sub }))).status).toBe(200);
    await change("UPDATE auth.subject SET disabled = true WHERE username = 'gone'");
    expect(await problem(await world.get(world.opaque({ sub })))).toEqual(refused);
    await change("UPDATE auth.client SET left_file = true WHERE client_id = 'switched-off'");
    expect(await problem(await world.get(world.opaque({ client_id: 'switched-off' })))).toEqual(refused);
  });

  it('come back for new tokens only', async () => {
    const sub = await world.sub('back-again');
    await change("UPDATE auth.subject SET gen = 3 WHERE username = 'back-again'");
    expect(await problem(await world.get(world.opaque({ sub, gen: [2, 1] })))).toEqual(refused);
    expect((await world.get(world.opaque({ sub, gen: [3, 1] }))).status).toBe(200);
    await change("UPDATE auth.client SET gen = 3 WHERE client_id = 're-enabled'");
    expect(await problem(await world.get(world.opaque({ client_id: 're-enabled', gen: [1, 2] })))).toEqual(refused);
    expect((await world.get(world.opaque({ client_id: 're-enabled', gen: [1, 3] }))).status).toBe(200);
  });
});

describe('the revocation view', () => {
  it.each([
    ['session', (claims: { sid?: string }) => claims.sid, 'session'],
    ['grant', (claims: { gid?: string }) => claims.gid, 'token'],
    ['token', (claims: { jti: string }) => claims.jti, 'token'],
  ] as const)('refuses a token whose %s ended, and no other', async (kind, idOf, source) => {
    const claims = world.claims();
    const token = world.tokens.opaque(claims);
    expect((await world.get(token)).status).toBe(200);
    await world.logs.revoke(source, { kind, id: idOf(claims as never) ?? '' });
    await untilRevoked(claims);
    expect(await problem(await world.get(token))).toEqual(refused);
    expect((await world.get(world.opaque())).status).toBe(200);
  });

  it('is asked again when the answer is sent: a session that ended meanwhile', async () => {
    const claims = world.claims();
    const held = world.gates.hold('auth.userinfo.before-send');
    const answer = world.get(world.tokens.opaque(claims));
    await held.reached;
    await world.logs.revoke('session', { kind: 'session', id: claims.sid ?? '' });
    await untilRevoked(claims);
    held.release();
    expect(await problem(await answer)).toEqual(refused);
  });

  it('is not used when it is not fresh: 503, while what is refused anyway stays refused; also for an answer under way', async () => {
    const held = world.gates.hold('auth.userinfo.before-send');
    const underWay = world.get(world.opaque());
    await held.reached;
    await world.stopProofs();
    held.release();
    for (const answer of [await underWay, await world.get(world.opaque())]) {
      expect(answer.headers.get('retry-after')).toBe('1');
      expect(await problem(answer)).toMatchObject({ status: 503, error: 'temporarily_unavailable', challenge: '' });
    }
    expect((await world.get(world.opaque({ exp: 1 }))).status).toBe(401);
    await world.resumeProofs();
    expect((await world.get(world.opaque())).status).toBe(200);
  });

  async function untilRevoked(claims: Parameters<UserinfoWorld['view']['isRevoked']>[0]): Promise<void> {
    await until(() => world.view.isRevoked(claims), { what: 'the view has it' });
  }
});

describe('without the token service', () => {
  afterEach(() => {
    world.tokens.down = false;
  });

  it('tokens under a known key are answered, under an unknown one 503 until it can be fetched', async () => {
    expect((await world.get(world.opaque())).status).toBe(200);
    world.tokens.down = true;
    expect((await world.get(world.opaque())).status).toBe(200);
    await world.tokens.rotateSealingKey();
    const token = world.opaque();
    const answer = await world.get(token);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    world.tokens.down = false;
    await until(async () => (await world.get(token)).status === 200, { what: 'the key is fetched, at most once a second' });
  });
});

describe('scripts of browser clients', () => {
  const from = (origin: string, init: RequestInit = {}) => fetch(world.url, { ...init, headers: { origin, ...init.headers } });

  it('may read answers and challenges from their own origin', async () => {
    const answer = await from('http://localhost:4093', { headers: { authorization: 'Bearer x' } });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:4093');
    expect(answer.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    const preflight = await from('http://localhost:4093', { method: 'OPTIONS' });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('Authorization');
  });

  it('may not from elsewhere', async () => {
    const answer = await from('https://evil.example', { headers: { authorization: `Bearer ${world.opaque()}` } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('vary')).toBe('Origin');
  });
});
