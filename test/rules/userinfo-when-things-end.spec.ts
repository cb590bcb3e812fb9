import { authApi, sessionApi } from '#libs/contracts';
import { randomId } from '#libs/database';
import type { AccessTokenClaims } from '#libs/protocol';
import { sealAccessToken } from '#libs/sealing';
import { CheckpointGate, type InProcessServices, startServices, testConfig, until } from '#libs/testing';
import { UserStore } from '../../apps/auth/src/users/users.store.js';
import { KeyService } from '../../apps/token/src/keys/key-service.js';

const gate = new CheckpointGate();
let services: InProcessServices;
let keys: KeyService;
let jane: string;

beforeAll(async () => {
  const signed = { client_id: 'signed', client_secret: 'x', scope: 'openid email', userinfo_signed_response_alg: 'ES256' };
  const address = { formatted: 'Main Street 1' };
  const users = [
    {
      username: 'jane',
      claims: {
        name: 'Jane Doe',
        email: 'jane@photos.example',
        email_verified: true,
        address,
        phone_number: '+1 555',
        secret_note: 'not for clients',
      },
    },
  ];
  services = await startServices({ config: testConfig({ clients: [signed], users }), checkpoints: gate });
  keys = services.app('token').get(KeyService, { strict: false });
  jane = (await services.app('auth').get(UserStore, { strict: false }).findByUsername('jane'))?.sub ?? '';
}, 270_000);
afterAll(() => services?.stop());
afterEach(async () => {
  gate.releaseAll();
  await services.world.time.reset();
});

const now = async () => Math.floor((await services.world.time.now()) / 1_000);
async function claimsOf(members: Partial<AccessTokenClaims> = {}): Promise<AccessTokenClaims> {
  const iat = await now();
  return {
    iss: services.world.issuer,
    sub: jane,
    aud: services.world.issuer,
    client_id: 'photo-shop',
    scope: 'openid profile email',
    iat,
    exp: iat + 300,
    jti: randomId(),
    gen: [0, 0],
    ...members,
  };
}
const sealed = async (members: Partial<AccessTokenClaims> = {}) => sealAccessToken(await claimsOf(members), keys.activeSealingKey());
const ask = (token: string | null, init: RequestInit = {}) =>
  fetch(`${services.world.issuer}/userinfo`, {
    ...init,
    headers: { ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...init.headers },
  });

test('claims are signed for a client that registered userinfo_signed_response_alg (OIDC Core §5.3.2)', async () => {
  const answer = await ask(await sealed({ client_id: 'signed' }));
  expect(answer.headers.get('content-type')).toMatch(/^application\/jwt/);
  const [header, payload] = (await answer.text())
    .split('.', 2)
    .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>);
  expect(header).toMatchObject({ alg: 'ES256' });
  expect(payload).toMatchObject({ iss: services.world.issuer, aud: 'signed', sub: jane, email: 'jane@photos.example' });
});

test('503 with Retry-After while the view is not fresh: what would be active is not said to be', async () => {
  const token = await sealed();
  await services.stopOne('session');
  const database = services.world.database;
  await database.query(`REVOKE CONNECT ON DATABASE ${database.name} FROM lanyard_log`);
  await database.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lanyard_log' AND datname = current_database()",
  );
  const answer = await until(async () => {
    const response = await ask(token);
    return response.status === 503 && response;
  });
  expect(answer.headers.get('retry-after')).toBe('1');
  expect((await ask('abc')).status).toBe(401);
  await database.query(`GRANT CONNECT ON DATABASE ${database.name} TO lanyard_log`);
  await services.start('session');
  await until(async () => (await ask(token)).status === 200, { timeoutMs: 20_000 });
});

describe('a token dies', () => {
  const start = async () => {
    const request = { sub: jane, subject_gen: 0, remember: false, amr: ['pwd'], acr: null, cookie: null, ip: null, user_agent: null };
    return (await services.world.call('auth', sessionApi.start, request)).session.sid;
  };
  const end = (sid: string) => services.world.call('auth', sessionApi.end, { sid, reason: 'logout', initiated_by: 'user' });

  test('with its session, in the moment the end is acknowledged', async () => {
    const sid = await start();
    const token = await sealed({ sid });
    expect((await ask(token)).status).toBe(200);
    expect(await end(sid)).toMatchObject({ ended: true, confirmed: true });
    expect((await ask(token)).status).toBe(401);
  });

  test('also when the session ends while the answer is being made', async () => {
    const sid = await start();
    const token = await sealed({ sid });
    const held = gate.hold('auth.userinfo.before-send');
    const answer = ask(token);
    await held.reached;
    await end(sid);
    held.release();
    expect((await answer).status).toBe(401);
  });

  test('with its client, and stays dead when the client is enabled again', async () => {
    const token = await sealed({ client_id: 'photo-book', gen: [0, 0] });
    expect((await ask(token)).status).toBe(200);
    const set = (disabled: boolean) => services.world.call('auth', authApi.setClientDisabled, { client_id: 'photo-book', disabled });
    expect(await set(true)).toEqual({ gen: 1, confirmed: true });
    expect((await ask(token)).status).toBe(401);
    expect((await ask(await sealed({ client_id: 'photo-book', gen: [0, 1] }))).status).toBe(401);
    expect(await set(false)).toEqual({ gen: 2, confirmed: true });
    expect((await ask(token)).status).toBe(401);
    expect((await ask(await sealed({ client_id: 'photo-book', gen: [0, 2] }))).status).toBe(200);
  });

  test('with its subject, and stays dead when the account is enabled again', async () => {
    const john = (await services.app('auth').get(UserStore, { strict: false }).findByUsername('john'))?.sub ?? '';
    const token = await sealed({ sub: john });
    expect((await ask(token)).status).toBe(200);
    const set = (disabled: boolean) => services.world.call('auth', authApi.setSubjectDisabled, { sub: john, disabled });
    expect(await set(true)).toEqual({ gen: 1, confirmed: true });
    expect((await ask(token)).status).toBe(401);
    expect((await ask(await sealed({ sub: john, gen: [1, 0] }))).status).toBe(401);
    expect(await set(false)).toEqual({ gen: 2, confirmed: true });
    expect((await ask(token)).status).toBe(401);
    expect((await ask(await sealed({ sub: john, gen: [2, 0] }))).status).toBe(200);
  });
});

describe('CORS', () => {
  const from = (origin: string, method = 'OPTIONS') =>
    fetch(`${services.world.issuer}/userinfo`, { method, headers: { origin, 'access-control-request-method': 'GET' } });

  test('for the origins of browser clients, with WWW-Authenticate exposed; for nobody else', async () => {
    const allowed = await from('http://localhost:4093');
    expect(allowed.headers.get('access-control-allow-origin')).toBe('http://localhost:4093');
    expect((await from('http://localhost:4093', 'GET')).headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
    expect((await from('http://localhost:4090')).headers.get('access-control-allow-origin')).toBeNull();
    expect((await from('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
  });
});
