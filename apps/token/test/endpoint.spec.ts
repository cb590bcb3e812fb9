import * as jose from 'jose';
import { tokenApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { ViewService } from '#libs/revocation-host';
import { schemaDrift, secretOf } from '#libs/testing';
import { Sweeper } from '../src/retention/sweeper.js';
import { claimsOf, TokenWorld, VERIFIER } from './token-world.js';

let world: TokenWorld;
beforeAll(async () => {
  world = await TokenWorld.start({
    clients: [
      {
        client_id: 'dpop-shop',
        client_secret: secretOf('dpop-shop'),
        dpop_bound_access_tokens: true,
        redirect_uris: ['http://localhost:1/'],
        scope: 'openid',
      },
      {
        client_id: 'device',
        client_secret: secretOf('device'),
        redirect_uris: [],
        grant_types: ['urn:ietf:params:oauth:grant-type:device_code'],
        scope: 'openid',
      },
      { client_id: 'photo-book', id_token_signed_response_alg: 'ES256' },
    ],
  });
}, 180_000);
afterAll(() => world?.stop());
afterEach(async () => {
  world.gate.releaseAll();
  await world.time.reset();
});

const view = () => world.services.app('token').get(ViewService, { strict: false }).view;
const isRevoked = async (accessToken: string) => {
  const { jti, sub, client_id, gen, sid, gid } = claimsOf(accessToken) as never;
  return view().isRevoked({ jti, sub, client_id, gen, sid, gid });
};
const JWT_SCOPE = { scope: ['openid', 'prints:order', 'online_access'] };

describe('the token endpoint refuses by the RFC', () => {
  it.each([
    ['no grant_type', {}, 'photo-shop', 400, 'invalid_request'],
    ['an unknown one', { grant_type: 'password' }, 'photo-shop', 400, 'unsupported_grant_type'],
    ['one the client is not registered for', { grant_type: 'client_credentials' }, 'photo-shop', 400, 'unauthorized_client'],
    [
      'one that is registered but not built',
      { grant_type: 'urn:ietf:params:oauth:grant-type:device_code' },
      'device',
      400,
      'unsupported_grant_type',
    ],
    [
      'a client whose tokens would have to be bound by DPoP',
      { grant_type: 'authorization_code', code: 'x' },
      'dpop-shop',
      400,
      'invalid_dpop_proof',
    ],
    ['no code', { grant_type: 'authorization_code' }, 'photo-shop', 400, 'invalid_request'],
    ['no refresh token', { grant_type: 'refresh_token' }, 'photo-shop', 400, 'invalid_request'],
    ['a refresh token of nobody', { grant_type: 'refresh_token', refresh_token: 'lanyard_rt_x' }, 'photo-shop', 400, 'invalid_grant'],
    ['an unknown client', { grant_type: 'client_credentials' }, 'nobody', 401, 'invalid_client'],
    ['no client at all', { grant_type: 'client_credentials' }, null, 401, 'invalid_client'],
    [
      'a public client that sends no secret but owns one',
      { grant_type: 'client_credentials', client_id: 'photo-shop' },
      null,
      401,
      'invalid_client',
    ],
  ])('%s', async (_what, form, client, status, error) => {
    const answer = await world.post('/token', form as unknown as Record<string, string>, client);
    expect(answer).toMatchObject({ status, body: { error } });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it.each([
    ['a parameter twice', 'grant_type=refresh_token&grant_type=refresh_token&refresh_token=x'],
    ['a NUL', 'grant_type=refresh_token&refresh_token=%00'],
    ['bad percent-encoding', 'grant_type=refresh_token&refresh_token=%zz'],
    ['a huge value', `grant_type=authorization_code&code=${'x'.repeat(60_000)}`],
    ['a scope of another alphabet', 'grant_type=refresh_token&refresh_token=x&scope=%E2%98%83'],
  ])('%s is the requester’s error, never ours', async (_what, form) => {
    for (const path of ['/token', '/revoke']) expect((await world.post(path, form)).status).toBeLessThan(500);
    expect((await world.post('/token', form)).status).toBe(400);
  });

  it('a request that was held longer than its deadline mints nothing, and its retry is a lost response', async () => {
    const { refresh_token } = await world.tokens();
    const [held, now] = [world.gate.hold('token.refresh.before-mint'), performance.now.bind(performance)];
    const late = world.refresh(refresh_token);
    await held.reached;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + 10_001);
    held.release();
    const answer = await late;
    clock.mockRestore();
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    await world.services.world.ready('token');
    expect((await world.refresh(refresh_token)).status).toBe(200);
  });
});

describe('what is signed', () => {
  it('verifies by /jwks with the client’s algorithm, RS256 where it says nothing', async () => {
    const keys = jose.createRemoteJWKSet(new URL(`${world.services.world.url('token')}/jwks`));
    const shop = await world.tokens(JWT_SCOPE);
    const book = await world.tokens({ client_id: 'photo-book' });
    const options = { issuer: world.services.world.issuer };
    expect((await jose.jwtVerify(shop.id_token, keys, { ...options, audience: 'photo-shop' })).protectedHeader.alg).toBe('RS256');
    expect((await jose.jwtVerify(book.id_token, keys, { ...options, audience: 'photo-book' })).protectedHeader.alg).toBe('ES256');
    await jose.jwtVerify(shop.access_token, keys, { ...options, typ: 'at+jwt' });
  });
});

describe('/revoke', () => {
  it.each(['refresh_token', 'access_token', 'nonsense'])(
    'of a refresh token with the hint %s kills the grant and its access tokens, not the session',
    async (token_type_hint) => {
      const { refresh_token, access_token, sid } = await world.tokens(JWT_SCOPE);
      const next = await world.refresh(refresh_token);
      expect((await world.post('/revoke', { token: refresh_token, token_type_hint })).status).toBe(200);
      expect((await world.refresh(String(next.body.refresh_token))).body.error).toBe('invalid_grant');
      expect(await isRevoked(access_token)).toBe(true);
      expect(await isRevoked(String(next.body.access_token))).toBe(true);
      expect(await world.rows('SELECT state FROM session.session WHERE sid = $1', [sid])).toEqual([{ state: 'active' }]);
    },
  );

  it('of an access token kills that one alone', async () => {
    const first = await world.tokens(JWT_SCOPE);
    const next = await world.refresh(first.refresh_token);
    expect((await world.post('/revoke', { token: first.access_token })).status).toBe(200);
    expect((await world.post('/revoke', { token: first.access_token })).status).toBe(200);
    expect(await isRevoked(first.access_token)).toBe(true);
    expect(await isRevoked(String(next.body.access_token))).toBe(false);
    const { jti } = claimsOf(first.access_token);
    expect(await world.rows('SELECT name FROM token.outbox WHERE key = $1', [jti])).toHaveLength(2);
    expect((await world.refresh(String(next.body.refresh_token))).status).toBe(200);
  });

  it('by another client, or of nothing of ours, is a 200 without effect', async () => {
    const { refresh_token, access_token } = await world.tokens(JWT_SCOPE);
    for (const token of [refresh_token, access_token, 'unknown', 'lanyard_at_x', `${refresh_token}x`]) {
      expect((await world.post('/revoke', { token }, 'photo-book')).status).toBe(200);
    }
    expect(await isRevoked(access_token)).toBe(false);
    expect((await world.refresh(refresh_token)).status).toBe(200);
  });

  it('needs the client to prove itself, and a token', async () => {
    expect(await world.post('/revoke', { token: 'x' }, null)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    expect(await world.post('/revoke', {})).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('race 15, refresh first: revoked after the rotation, what comes out is refused', async () => {
    const { refresh_token, sid } = await world.tokens();
    const held = world.gate.hold('token.refresh.after-rotate');
    const refreshing = world.refresh(refresh_token);
    await held.reached;
    expect((await world.post('/revoke', { token: refresh_token })).status).toBe(200);
    held.release();
    expect((await refreshing).body.error).toBe('invalid_grant');
    expect((await world.grant(sid)).revoke_reason).toBe('client_revoked');
  });

  it('race 15, revocation first: a refresh that had read the live row rotates nothing', async () => {
    const { refresh_token, sid } = await world.tokens();
    const held = world.gate.hold('token.refresh.after-classify');
    const refreshing = world.refresh(refresh_token);
    await held.reached;
    await world.post('/revoke', { token: refresh_token });
    held.release();
    expect((await refreshing).body.error).toBe('invalid_grant');
    expect((await world.grant(sid)).refresh_seq).toBe(1);
  });

  it('is a 503, never a 200, where the store fails (fosite CVE-2020-15223)', async () => {
    const { refresh_token } = await world.tokens();
    await world.rows(`
      CREATE FUNCTION token.disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER disk_full BEFORE INSERT ON token.outbox EXECUTE FUNCTION token.disk_full()`);
    const answer = await world.post('/revoke', { token: refresh_token });
    await world.rows('DROP FUNCTION token.disk_full() CASCADE');
    expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
    expect(answer.headers.get('retry-after')).toBeTruthy();
    expect((await world.refresh(refresh_token)).status).toBe(200);
  });
});

describe('introspecting a refresh token', () => {
  const introspect = (token: string, client_id = 'photo-shop') =>
    world.services.world.call('introspect', tokenApi.introspectRefreshToken, { token, client_id });

  it('tells its own client, and nobody else', async () => {
    const { refresh_token, sid } = await world.tokens();
    expect(await introspect(refresh_token)).toMatchObject({ active: true, sub: 'jane', sid, client_id: 'photo-shop' });
    expect(await introspect(refresh_token, 'photo-book')).toEqual({ active: false });
    expect(await introspect('nonsense')).toEqual({ active: false });
  });

  it('is inactive once rotated, revoked, or without its session, and changes nothing', async () => {
    const { refresh_token, sid } = await world.tokens();
    const { body } = await world.refresh(refresh_token);
    expect(await introspect(refresh_token)).toEqual({ active: false });
    expect(await introspect(String(body.refresh_token))).toMatchObject({ active: true });
    expect((await world.grant(sid)).revoke_reason).toBeNull();
    await world.end(sid);
    expect(await introspect(String(body.refresh_token))).toEqual({ active: false });
  });
});

describe('scripts of browser clients', () => {
  it.each(['/token', '/revoke', '/jwks'])('may call %s from their origin, and from no other', async (path) => {
    const preflight = (origin: string) =>
      fetch(`${world.services.world.url('token')}${path}`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    expect((await preflight('http://localhost:4093')).headers.get('access-control-allow-origin')).toBe('http://localhost:4093');
    expect((await preflight('http://elsewhere.example')).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('get tokens without a secret, with PKCE, for a minute', async () => {
    const code = await world.code({ client_id: 'photo-viewer', scope: ['openid', 'photos:read', 'online_access'] });
    const { body } = await world.exchange(code, { code_verifier: VERIFIER }, 'photo-viewer');
    expect(body).toMatchObject({ expires_in: 60, refresh_token: expect.any(String) });
  });
});

describe('the tables', () => {
  it('are what the entities say', async () => {
    expect(await schemaDrift(world.services.app('token').get(Database))).toEqual([]);
  });

  it('never turn a revoked grant back on, and never forget what was audited', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.post('/revoke', { token: refresh_token });
    await expect(world.rows('UPDATE token.grants SET revoked_at = NULL WHERE sid = $1', [sid])).rejects.toThrow('revoked grant');
    await expect(world.rows('DELETE FROM token.audit')).rejects.toThrow('append-only');
    await expect(world.rows('TRUNCATE token.audit CASCADE')).rejects.toThrow('append-only');
  });

  it('lose codes after a day and grants a month after their end, not before', async () => {
    const { refresh_token, sid } = await world.tokens();
    await world.post('/revoke', { token: refresh_token });
    const sweeper = world.services.app('token').get(Sweeper);
    await world.time.advance(23.9 * 3_600_000);
    expect(await sweeper.sweep()).toEqual({ codes: 0, grants: 0 });
    await world.time.advance(3_600_000);
    expect((await sweeper.sweep()).codes).toBeGreaterThan(0);
    expect((await world.grant(sid)).revoke_reason).toBe('client_revoked');
    await world.time.advance(31 * 86_400_000);
    await sweeper.sweep();
    expect(await world.grant(sid)).toEqual({});
  });
});
