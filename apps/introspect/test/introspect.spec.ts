import { randomBytes } from 'node:crypto';
import { until } from '#libs/testing';
import { PHOTOS, Running, SECRET } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await Running.start();
}, 180_000);
afterAll(() => running?.close());
afterEach(() => {
  running.gates.releaseAll();
  running.peers.down = false;
  running.peers.silent = false;
});

const basic = (id: string, secret = SECRET) => ({ authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}` });

async function introspect(form: Record<string, string>, headers: Record<string, string> = basic('photos-api')) {
  const response = await fetch(`${running.app.publicUrl}/introspect`, { method: 'POST', body: new URLSearchParams(form), headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

const INACTIVE = { status: 200, body: { active: false } };

describe('an access token', () => {
  it.each(['opaque', 'jwt'] as const)('(%s) is active for the resource server it is meant for', async (form) => {
    const claims = running.claims({ username: 'jane', acr: '1', amr: ['pwd'], auth_time: 1_700_000_000, nbf: 1_700_000_000 });
    const { status, headers, body } = await introspect({ token: running[form](claims) });
    const { gen: _, ...told } = claims;
    expect({ status, body }).toEqual({ status: 200, body: { active: true, token_type: 'Bearer', ...told } });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('content-type')).toMatch(/^application\/json/);
  });

  it.each(['refresh_token', 'access_token', 'nonsense'])('is found whatever token_type_hint says (%s)', async (token_type_hint) => {
    const token = running.opaque(running.claims());
    expect(await introspect({ token, token_type_hint })).toMatchObject({ status: 200, body: { active: true } });
  });

  it('is inactive for a client that has no business with it, and active for its own', async () => {
    running.register('other-api', { application_type: 'service', grant_types: [], resource_server_for: ['https://other.example'] });
    const token = running.opaque(running.claims());
    expect(await introspect({ token }, basic('other-api'))).toMatchObject(INACTIVE);
    expect(await introspect({ token }, basic('photo-shop'))).toMatchObject({ body: { active: true } });
  });

  it.each([
    ['session', (c: { sid?: string }) => ({ kind: 'session', id: c.sid ?? '' }) as const],
    ['token', (c: { gid?: string }) => ({ kind: 'grant', id: c.gid ?? '' }) as const],
    ['token', (c: { jti: string }) => ({ kind: 'token', id: c.jti }) as const],
    ['auth', (c: { sub: string }) => ({ kind: 'subject', id: c.sub, gen: 2 }) as const],
  ] as const)('becomes inactive by what %s publishes (%#)', async (source, draft) => {
    const claims = running.claims();
    const token = running.opaque(claims);
    expect(await introspect({ token })).toMatchObject({ body: { active: true } });
    await running.owners.revoke(source, draft(claims));
    await until(async () => (await introspect({ token })).body.active === false, { timeoutMs: 2_000 });
  });

  it('under a sealing key made a moment ago is opened: one question to the token service', async () => {
    await running.rotateSealingKey();
    const before = running.peers.asked.get('/internal/sealing-keys') ?? 0;
    const token = running.opaque(running.claims());
    await until(async () => (await introspect({ token })).body.active === true, { timeoutMs: 3_000 });
    expect((running.peers.asked.get('/internal/sealing-keys') ?? 0) - before).toBe(1);
  });
});

describe('what is not an active access token here', () => {
  const cases: [string, () => string][] = [
    ['nonsense', () => 'nonsense'],
    ['non-ASCII', () => 'tökén 🔑'],
    ['the prefix alone', () => 'lanyard_at_'],
    ['a truncated token', () => running.opaque(running.claims()).slice(0, -3)],
    ['a token with one character changed', () => running.opaque(running.claims()).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['a sealed token of another issuer', () => running.opaque(running.claims({ iss: 'https://elsewhere.example' }))],
    ['a signed token of another issuer', () => running.jwt(running.claims({ iss: 'https://elsewhere.example' }))],
    ['an expired token', () => running.opaque(running.claims({ exp: Math.floor(Date.now() / 1_000) - 1 }))],
    ['a sealed token that is not valid yet', () => running.opaque(running.claims({ nbf: inAMinute() }))],
    ['a signed token that is not valid yet', () => running.jwt(running.claims({ nbf: inAMinute() }))],
    ['a token sealed under the name of our key by another', () => running.sealedByAnother(running.claims())],
    ['a token signed under the name of our key by another', () => running.signedByAnother(running.claims())],
    ['an ID token: its type says so', () => running.jwt(running.claims(), 'JWT')],
    ['a logout token', () => running.jwt(running.claims(), 'logout+jwt')],
    ['a token for another API', () => running.opaque(running.claims({ aud: 'https://other.example' }))],
    ['alg none', () => `${b64({ alg: 'none', typ: 'at+jwt' })}.${b64(running.claims())}.`],
    ['a JWE header of 20 kB', () => `lanyard_at_${'A'.repeat(20_000)}..AAAA.AAAA.AAAA`],
    ['a 60 kB string', () => 'x'.repeat(60_000)],
  ];
  const inAMinute = () => Math.floor(running.clock.wall() / 1_000) + 60;
  const b64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each(cases)('%s: exactly {"active":false}', async (_name, token) => {
    expect(await introspect({ token: token() })).toMatchObject(INACTIVE);
    expect((await introspect({ token: token() })).body).toEqual({ active: false });
  });
});

describe('who asks', () => {
  const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
  const token = () => running.opaque(running.claims());

  it('may prove itself by client_secret_basic or client_secret_post, as registered', async () => {
    running.register('poster', {
      application_type: 'service',
      grant_types: [],
      resource_server_for: ['*'],
      token_endpoint_auth_method: 'client_secret_post',
    });
    expect(await introspect({ token: token(), client_id: 'poster', client_secret: SECRET }, {})).toMatchObject({ body: { active: true } });
    expect(await introspect({ token: token() }, basic('poster'))).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });

  it('learns as a public client of its own tokens only, whatever it is registered for', async () => {
    const metadata = {
      application_type: 'browser',
      redirect_uris: ['http://localhost:1/cb'],
      scope: 'openid online_access',
      resource_server_for: ['*'],
    };
    running.register('viewer', metadata);
    const own = running.opaque(running.claims({ client_id: 'viewer' }));
    expect(await introspect({ token: own, client_id: 'viewer' }, {})).toMatchObject({ body: { active: true } });
    expect(await introspect({ token: token(), client_id: 'viewer' }, {})).toMatchObject(INACTIVE);
  });

  it.each([
    ['nobody', {}, {}, 401, 'invalid_client'],
    ['a wrong secret', {}, basic('photos-api', 'wrong'), 401, 'invalid_client'],
    ['an unknown client', {}, basic('nobody'), 401, 'invalid_client'],
    ['two methods at once', { client_id: 'photos-api', client_secret: SECRET }, basic('photos-api'), 400, 'invalid_request'],
    ['a Bearer token', {}, { authorization: 'Bearer x' }, 401, 'invalid_client'],
    ['an assertion', { client_id: 'photos-api', client_assertion_type: JWT_BEARER, client_assertion: 'a.b.c' }, {}, 401, 'invalid_client'],
    ['Basic that is not base64', {}, { authorization: 'Basic ???' }, 401, 'invalid_client'],
  ])('is refused as %s', async (_who, form, headers, status, error) => {
    const answer = await introspect({ token: token(), ...form }, headers as Record<string, string>);
    expect(answer).toMatchObject({ status, body: { error } });
    if (status === 401) expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  });

  it('is told that private_key_jwt is not available, and by which name', async () => {
    const form = { token: token(), client_id: 'photos-api', client_assertion_type: JWT_BEARER, client_assertion: 'a.b.c' };
    const { body } = await introspect(form, {});
    expect(body.error_description).toBe('Client authentication by client_assertion is not available on this server.');
  });

  it('is told 429 after 100 failures in a minute, and the right secret is never throttled', async () => {
    running.register('guessed', { application_type: 'service', grant_types: [], resource_server_for: [PHOTOS] });
    const statuses = await Promise.all(
      Array.from({ length: 120 }, async () => (await introspect({ token: 'x' }, basic('guessed', 'no'))).status),
    );
    expect(statuses.filter((status) => status === 401)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(20);
    expect((await introspect({ token: 'x' }, basic('guessed', 'no'))).headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await introspect({ token: token() }, basic('guessed'))).toMatchObject({ body: { active: true } });
  });

  it('is refused once its client is disabled, by the log alone', async () => {
    running.register('leaving', { application_type: 'service', grant_types: [], resource_server_for: [PHOTOS] });
    expect(await introspect({ token: token() }, basic('leaving'))).toMatchObject({ body: { active: true } });
    await running.owners.revoke('auth', { kind: 'client', id: 'leaving', gen: 2 });
    await until(async () => (await introspect({ token: token() }, basic('leaving'))).status === 401, { timeoutMs: 2_000 });
  });

  it('is refused plain answers when it registered for encrypted ones', async () => {
    const encrypted = { introspection_encrypted_response_alg: 'RSA-OAEP-256' };
    running.register('secretive', { application_type: 'service', grant_types: [], resource_server_for: [PHOTOS], ...encrypted });
    expect(await introspect({ token: token() }, basic('secretive'))).toMatchObject({ status: 400, body: { error: 'unauthorized_client' } });
  });
});

describe('a refresh token', () => {
  it('is asked of the token service, for the client that shows it', async () => {
    const asked: unknown[] = [];
    running.peers.refreshToken = (request) => {
      asked.push(request);
      return { active: true, client_id: request.client_id, token_type: 'refresh_token' };
    };
    expect(await introspect({ token: 'lanyard_rt_abc' }, basic('photo-shop'))).toMatchObject({
      body: { active: true, client_id: 'photo-shop' },
    });
    expect(asked).toEqual([{ token: 'lanyard_rt_abc', client_id: 'photo-shop' }]);
    running.peers.refreshToken = () => ({ active: false, why: 'nobody’s business' });
    expect((await introspect({ token: 'lanyard_rt_abc' }, basic('photo-shop'))).body).toEqual({ active: false });
  });

  it('is neither active nor inactive while the token service is away: 503 with Retry-After', async () => {
    await introspect({ token: 'x' }, basic('photo-shop'));
    running.peers.down = true;
    const answer = await introspect({ token: 'lanyard_rt_abc' }, basic('photo-shop'));
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toBe('1');
  });
});

describe('what it needs and what it can do without', () => {
  it('asks nobody anything once it is warm', async () => {
    const token = running.opaque(running.claims());
    await introspect({ token });
    const before = running.peers.questions;
    await Promise.all(Array.from({ length: 200 }, () => introspect({ token })));
    expect(running.peers.questions).toBe(before);
  });

  it.each(['down', 'silent'] as const)('goes on for long while auth, session and token services are away (%s)', async (away) => {
    const token = running.opaque(running.claims());
    await until(async () => (await introspect({ token })).body.active === true);
    running.peers[away] = true;
    // what is known of the caller and of the keys is old by now
    running.clock.skewMs += 61_000;
    await until(async () => (await introspect({ token })).body.active === true);
    const began = performance.now();
    for (let n = 0; n < 20; n++) await introspect({ token });
    // waiting once for a service that is silent takes 2 s
    expect(performance.now() - began).toBeLessThan(1_500);
    expect([...running.peers.unanswered.values()].filter((path) => path === '/internal/clients/get').length).toBeLessThanOrEqual(1);
  });

  it('waits for the record of a caller that has changed, and then refuses its old secret', async () => {
    const service = { application_type: 'service', grant_types: [], resource_server_for: [PHOTOS] };
    running.register('changing', service);
    const token = running.opaque(running.claims());
    await until(async () => (await introspect({ token }, basic('changing'))).body.active === true);
    running.clock.skewMs += 61_000;
    running.register('changing', service, { secrets: [] });
    await running.owners.revoke('auth', { kind: 'client', id: 'changing', gen: 1 });
    // old or not, the record from before is used by nobody who asks after the view has heard
    await until(async () => (await introspect({ token }, basic('changing'))).status === 401);
    expect((await introspect({ token }, basic('changing'))).status).toBe(401);
    await until(async () => (await introspect({ token })).body.active === true);
  });

  it('says of a paused answer what is true when it is sent, not what was true before the pause', async () => {
    const claims = running.claims();
    const place = running.gates.hold('introspect.before-send');
    const answer = introspect({ token: running.opaque(claims) });
    await place.reached;
    running.clock.skewMs += 5_000;
    place.release();
    expect(await answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    await until(async () => (await introspect({ token: running.opaque(claims) })).body.active === true);
  });

  it('answers 503 within the bound after Postgres is gone, never active; what is inactive stays answered', async () => {
    const [token, expired] = [running.opaque(running.claims()), running.opaque(running.claims({ exp: 1 }))];
    await running.database.query(`REVOKE CONNECT ON DATABASE ${running.database.name} FROM lanyard_log`);
    try {
      const cut = performance.now();
      await running.database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'lanyard_log' AND datname = current_database()",
      );
      await until(async () => (await introspect({ token })).status === 503, { timeoutMs: 4_000 });
      expect(performance.now() - cut).toBeLessThan(2_500);
      expect(await introspect({ token: expired })).toMatchObject(INACTIVE);
      expect(await introspect({ token: randomBytes(40).toString('base64url') })).toMatchObject(INACTIVE);
      await until(async () => (await fetch(`${running.app.publicUrl}/health/ready`)).status === 503);
    } finally {
      await running.database.query(`GRANT CONNECT ON DATABASE ${running.database.name} TO lanyard_log`);
    }
    await until(async () => (await introspect({ token })).body.active === true, { timeoutMs: 15_000 });
  });
});

describe('the request', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(`${running.app.publicUrl}/introspect`, {
      method: 'POST',
      body: body as BodyInit,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...basic('photos-api'), ...headers },
    });

  it.each([
    ['no token', '', {}, 400],
    ['an empty token', 'token=', {}, 400],
    ['token twice', 'token=a&token=b', {}, 400],
    ['a NUL', 'token=a%00b', {}, 400],
    ['bad percent-encoding', 'token=%zz', {}, 400],
    ['bytes that are no UTF-8', Buffer.from('746f6b656e3dff', 'hex'), {}, 400],
    ['JSON', '{"token":"x"}', { 'content-type': 'application/json' }, 400],
    ['multipart', 'x', { 'content-type': 'multipart/form-data; boundary=x' }, 400],
    ['100 kB', `token=${'x'.repeat(100_000)}`, {}, 413],
  ] as [string, string | Buffer, Record<string, string>, number][])('with %s is invalid_request', async (_what, body, headers, status) => {
    const response = await post(body, headers);
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status, body: { error: 'invalid_request' } });
  });

  it('by GET is 405', async () => {
    const response = await fetch(`${running.app.publicUrl}/introspect?token=x`);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('POST');
  });
});
