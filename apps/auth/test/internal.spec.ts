import { authApi, sessionApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { InternalCallError } from '#libs/http';
import { CheckpointGate, type InProcessServices, STORY, startServices, testConfig } from '#libs/testing';
import { ConsentStore } from '../src/consents/consents.store.js';
import { UserStore } from '../src/users/users.store.js';

const gate = new CheckpointGate();
let services: InProcessServices;
beforeAll(async () => {
  const clients = [{ client_id: 'gone', client_secret: 'x', scope: 'openid' }];
  services = await startServices({ config: testConfig({ clients }), checkpoints: gate });
}, 270_000);
afterAll(() => services?.stop());

test('every endpoint that is advertised is there', async () => {
  const response = await fetch(`${services.world.issuer}/.well-known/openid-configuration`);
  const document = (await response.json()) as Record<string, unknown>;
  const endpoints = Object.entries(document).filter(([name]) => /_endpoint$|^jwks_uri$/.test(name));
  expect(endpoints).toHaveLength(8);
  for (const [name, url] of endpoints) {
    const method = /token|revocation|introspection/.test(name) ? 'POST' : 'GET';
    const answer = await fetch(String(url), { method, redirect: 'manual' });
    expect([name, answer.status]).not.toEqual([name, 404]);
    expect([name, answer.status]).not.toEqual([name, 405]);
    expect(answer.status).toBeLessThan(500);
  }
});

describe('internal API', () => {
  const call = <E extends Parameters<typeof services.world.call>[1]>(
    endpoint: E,
    request: never,
    as: 'token' | 'auth' | 'session' | 'introspect' = 'token',
  ) => services.world.call(as, endpoint, request);
  const user = async (name: string) => services.app('auth').get(UserStore, { strict: false }).findByUsername(name);

  test('a client’s record carries its scopes and no secret', async () => {
    const { client } = await services.world.call('introspect', authApi.client, { client_id: 'photo-shop' });
    expect(client).toMatchObject({ client_id: 'photo-shop', gen: 0, disabled: false, metadata: { application_type: 'web' } });
    expect(client?.scopes).toContainEqual({
      name: 'photos:read',
      description: 'See your photos',
      api: STORY.photosApi,
      access_token_format: 'opaque',
    });
    expect(client?.secrets).toEqual([{ hash: expect.stringMatching(/^[\w-]{43}$/), weak: false }]);
    expect(await services.world.call('token', authApi.client, { client_id: 'nobody' })).toEqual({ client: null });
    await expect(services.world.call('token', authApi.client, { client_id: 'nul\0' })).rejects.toMatchObject({ kind: 'invalid' });
  });

  test('text and numbers that no column can hold are refused as such, never an error of the database', async () => {
    const REFUSED = { kind: 'invalid' };
    const start = {
      sub: 'somebody',
      subject_gen: 0,
      remember: false,
      amr: ['pwd', '\ud800'],
      acr: null,
      cookie: null,
      ip: null,
      user_agent: null,
    };
    await expect(services.world.call('auth', sessionApi.start, start)).rejects.toMatchObject(REFUSED);
    await expect(services.world.call('auth', sessionApi.start, { ...start, amr: [], ip: '\0' })).rejects.toMatchObject(REFUSED);
    await expect(services.world.call('auth', sessionApi.start, { ...start, amr: [], subject_gen: 2 ** 31 })).rejects.toMatchObject(REFUSED);
  });

  test('a subject: generation, state, name, roles', async () => {
    const jane = await user('jane');
    expect(await services.world.call('token', authApi.subject, { sub: jane?.sub ?? '' })).toEqual({
      subject: { sub: jane?.sub, gen: 0, disabled: false, username: 'jane', roles: ['editor'] },
    });
    expect(await services.world.call('token', authApi.subject, { sub: 'nobody' })).toEqual({ subject: null });
  });

  test('who may not call is refused', async () => {
    await expect(call(authApi.setClientDisabled, { client_id: 'gone', disabled: true } as never, 'introspect')).rejects.toMatchObject({
      kind: 'refused',
      status: 403,
    });
    await expect(call(authApi.setClientDisabled, { client_id: 'nobody', disabled: true } as never, 'auth')).rejects.toBeInstanceOf(
      InternalCallError,
    );
  });

  test('a client switched off and on is another one to every service at once', async () => {
    expect(await services.world.call('auth', authApi.setClientDisabled, { client_id: 'gone', disabled: true })).toEqual({
      gen: 1,
      confirmed: true,
    });
    expect(await services.world.call('token', authApi.client, { client_id: 'gone' })).toMatchObject({ client: { disabled: true, gen: 1 } });
    expect(await services.world.call('auth', authApi.setClientDisabled, { client_id: 'gone', disabled: false })).toEqual({
      gen: 2,
      confirmed: true,
    });
  });

  test('browser origins, for preflights at other services', async () => {
    const allowed = async (origin: string) => (await services.world.call('token', authApi.browserOrigin, { origin })).allowed;
    expect(await allowed('http://localhost:4093')).toBe(true);
    expect(await allowed('http://localhost:409')).toBe(false);
    expect(await allowed('http://localhost:4090')).toBe(false);
  });

  test('a consent withdrawn is said to be revoked only once the token service has committed', async () => {
    const auth = services.app('auth');
    const sub = (await user('jane'))?.sub ?? '';
    const consent = { sub, client_id: 'photo-shop', scopes: ['openid'], declined: [] };
    await auth.get(Database, { strict: false }).transaction((tx) => auth.get(ConsentStore, { strict: false }).grant(tx, consent));
    expect(await services.world.call('auth', authApi.revokeConsent, { sub, client_id: 'photo-shop' })).toEqual({
      revoked: true,
      confirmed: expect.any(Boolean),
    });
    expect(await services.world.call('auth', authApi.revokeConsent, { sub, client_id: 'photo-shop' })).toEqual({
      revoked: false,
      confirmed: expect.any(Boolean),
    });
  });
});
