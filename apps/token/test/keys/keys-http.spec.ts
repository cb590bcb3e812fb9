import { generateKeyPairSync } from 'node:crypto';
import { Module } from '@nestjs/common';
import * as jose from 'jose';
import { NO_CHECKPOINTS } from '#libs/checkpoints';
import { SERVICES, type ServiceName, tokenApi } from '#libs/contracts';
import { Database } from '#libs/database';
import { createHttpApp, type HttpApp, type HttpConfig, InternalClient, Log, Readiness, ServiceTokens } from '#libs/http';
import { Kek } from '#libs/keys';
import { HolderKeyring, openAccessToken, sealAccessToken } from '#libs/sealing';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import { KeyService } from '../../src/keys/key-service.js';
import { KEY_CONTROLLERS } from '../../src/keys/keys.module.js';
import { CHECKPOINTS } from '../../src/ports.js';
import { Instance, ISSUER, openKeysDatabase, SECRETS } from './key-fixture.js';

const CLAIMS = {
  iss: ISSUER,
  sub: 'jane',
  aud: 'api',
  client_id: 'shop',
  scope: '',
  iat: 1,
  exp: 2,
  jti: 'j',
  gen: [0, 0] as [number, number],
};
const LOGOUT_EVENT = { 'http://schemas.openid.net/event/backchannel-logout': {} };
const LOGOUT = { aud: 'shop', sub: 'jane', sid: 's1', jti: 'j1', events: LOGOUT_EVENT };
const pairs = Object.fromEntries(SERVICES.map((name) => [name, generateKeyPairSync('ed25519')])) as Record<
  ServiceName,
  ReturnType<typeof generateKeyPairSync>
>;
const publicJwks = { keys: SERVICES.map((kid) => ({ ...pairs[kid].publicKey.export({ format: 'jwk' }), kid })) };
const privateJwk = (name: ServiceName) => pairs[name].privateKey.export({ format: 'jwk' });

let database: TestDatabase;
let db: Database;
let instance: Instance;
let http: HttpApp;

beforeAll(async () => {
  database = await createTestDatabase();
  db = await openKeysDatabase(database);
  instance = new Instance(db, { monotonic: () => performance.now() });
  await instance.keys.start();
  @Module({
    controllers: KEY_CONTROLLERS,
    providers: [
      { provide: KeyService, useValue: instance.keys },
      { provide: CHECKPOINTS, useValue: NO_CHECKPOINTS },
    ],
  })
  class Root {}
  const config = {
    issuer: ISSUER,
    host: '127.0.0.1',
    ports: { public: 0, internal: 0 },
    trustedProxies: [],
    logLevel: 'error',
    internalUrls: {},
    serviceKey: { privateJwk: privateJwk('token') },
    serviceKeys: publicJwks,
  } as unknown as HttpConfig;
  const logger = Log.open({ level: 'error', service: 'token' }, { write: () => undefined });
  http = await createHttpApp(Root, { config, service: 'token', readiness: new Readiness(), logger });
  http.cors({ paths: ['/jwks'], allowed: async (origin) => origin === 'https://spa.example' });
  await http.listen();
});

afterAll(async () => {
  await http.close();
  await instance.keys.stop();
  await db.close();
  await database.drop();
});

function as(service: ServiceName): InternalClient {
  const tokens = new ServiceTokens(service, { privateJwk: privateJwk(service), publicJwks });
  return new InternalClient({ internalUrls: { auth: '', session: '', introspect: '', token: http.internalUrl } }, tokens);
}

async function signed(service: ServiceName, request: Parameters<typeof sign>[1]) {
  const { jwt } = await sign(service, request);
  const { payload, protectedHeader } = await jose.jwtVerify(jwt, jose.createLocalJWKSet(instance.keys.publicJwks()));
  return { payload, header: protectedHeader };
}

function sign(service: ServiceName, request: { purpose: keyof typeof PURPOSES; alg?: string | null; claims: Record<string, unknown> }) {
  return as(service).call(tokenApi.sign, { alg: null, ...request });
}

/** Each purpose with its one caller and claims that are right for it. */
const PURPOSES = {
  logout_token: { caller: 'session', typ: 'logout+jwt', claims: LOGOUT },
  security_event: {
    caller: 'session',
    typ: 'secevent+jwt',
    claims: {
      jti: 'e1',
      aud: 'https://rp.example',
      sub_id: { format: 'opaque', id: 'jane' },
      events: { 'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {} },
    },
  },
  introspection_response: {
    caller: 'introspect',
    typ: 'token-introspection+jwt',
    claims: { aud: 'photos-api', token_introspection: { active: false } },
  },
  userinfo: { caller: 'auth', typ: 'JWT', claims: { sub: 'jane', aud: 'shop' } },
  authorization_response: { caller: 'auth', typ: 'JWT', claims: { aud: 'shop', code: 'c', state: 's' } },
} as const;
const names = Object.keys(PURPOSES) as (keyof typeof PURPOSES)[];

describe('/jwks', () => {
  it('is public, cacheable for as long as rotation counts on, and verifies what we sign', async () => {
    const response = await fetch(`${http.publicUrl}/jwks`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^application\/jwk-set\+json/);
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toEqual(JSON.parse(JSON.stringify(instance.keys.publicJwks())));
    const { jwt } = await sign('session', { purpose: 'logout_token', claims: LOGOUT });
    await jose.jwtVerify(jwt, jose.createRemoteJWKSet(new URL(`${http.publicUrl}/jwks`)), { issuer: ISSUER, typ: 'logout+jwt' });
  });

  it('is readable from the scripts the app’s CORS policy allows', async () => {
    const origin = async (from: string) =>
      (await fetch(`${http.publicUrl}/jwks`, { headers: { origin: from } })).headers.get('access-control-allow-origin');
    expect(await origin('https://spa.example')).toBe('https://spa.example');
    expect(await origin('https://evil.example')).toBeNull();
  });

  it('answers 503, never an empty set, before the keys are read', () => {
    expect(() => new Instance(db).keys.publicJwks()).toThrow(expect.objectContaining({ status: 503 }));
    expect(() => new Instance(db).keys.wrappedSealingKeys()).toThrow(expect.objectContaining({ status: 503 }));
  });
});

describe('keys for the other services', () => {
  it.each(['auth', 'introspect'] as const)('%s opens what we seal with the wrapped keys and its own KEK', async (service) => {
    const fetchKeys = () => as(service).call(tokenApi.sealingKeys, {});
    const holder = new HolderKeyring({ fetch: fetchKeys, kek: Kek.local(SECRETS.sealingKek, 'LANYARD_SEALING_KEK') });
    expect(await holder.open(sealAccessToken(CLAIMS, instance.keys.activeSealingKey()))).toMatchObject(CLAIMS);
    expect(openAccessToken('lanyard_at_x', holder.ring)).toBeNull();
    expect(await as(service).call(tokenApi.publicKeys, {})).toEqual(JSON.parse(JSON.stringify(instance.keys.publicJwks())));
  });

  it('the session service, which opens no token, gets none', async () => {
    await expect(as('session').call(tokenApi.sealingKeys, {})).rejects.toMatchObject({ status: 403 });
  });

  it('none of it exists on the public listener', async () => {
    for (const path of ['/internal/sealing-keys', '/internal/sign', '/internal/public-keys']) {
      expect(
        (await fetch(http.publicUrl + path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })).status,
      ).toBe(404);
    }
  });
});

describe('signing for a caller', () => {
  it.each(names)('%s: type and issuer are the signer’s, whatever the claims say', async (purpose) => {
    const { caller, typ, claims } = PURPOSES[purpose];
    const { payload, header } = await signed(caller, { purpose, claims: { ...claims, iss: 'https://evil.example', typ: 'at+jwt' } });
    expect(payload).toMatchObject({ ...claims, iss: ISSUER });
    expect(header).toMatchObject({ typ, alg: 'RS256' });
    expect(Math.abs((payload.iat as number) - Date.now() / 1_000)).toBeLessThan(5);
  });

  it.each(names)('%s is refused to every other service', async (purpose) => {
    for (const other of ['auth', 'session', 'introspect'] as const) {
      if (other === PURPOSES[purpose].caller) continue;
      await expect(sign(other, { purpose, claims: PURPOSES[purpose].claims })).rejects.toMatchObject({ kind: 'refused', status: 403 });
    }
  });

  it.each(['ES256', 'RS256', 'PS256', 'EdDSA'])('%s when the client registered it', async (alg) => {
    expect((await signed('session', { purpose: 'logout_token', alg, claims: LOGOUT })).header.alg).toBe(alg);
  });

  it.each(['none', 'HS256', 'ES512', ''])('alg %j is refused', async (alg) => {
    await expect(sign('session', { purpose: 'logout_token', alg, claims: LOGOUT })).rejects.toMatchObject({ status: 400 });
  });

  it('a logout token lives two minutes at most, from its own iat (Back-Channel Logout 1.0 §4)', async () => {
    const iat = Math.floor(Date.now() / 1_000) - 5;
    for (const [exp, wanted] of [
      [undefined, iat + 120],
      [iat + 3_600, iat + 120],
      [iat + 60, iat + 60],
    ] as const) {
      const { payload } = await signed('session', { purpose: 'logout_token', claims: { ...LOGOUT, iat, ...(exp ? { exp } : {}) } });
      expect(payload).toMatchObject({ iat, exp: wanted });
    }
  });

  const { sub: _, sid: __, ...nobody } = LOGOUT;
  it.each([
    ['a logout token with a nonce', 'logout_token', { ...LOGOUT, nonce: 'n' }],
    ['a logout token for nobody', 'logout_token', nobody],
    ['a logout token without its event', 'logout_token', { ...LOGOUT, events: {} }],
    ['a logout token with a second event', 'logout_token', { ...LOGOUT, events: { ...LOGOUT_EVENT, other: {} } }],
    ['a logout token without jti', 'logout_token', { ...LOGOUT, jti: undefined }],
    ['a security event with sub (SSF 1.0 §4.1)', 'security_event', { ...PURPOSES.security_event.claims, sub: 'jane' }],
    ['a security event with exp', 'security_event', { ...PURPOSES.security_event.claims, exp: 1 }],
    [
      'an introspection response with a top-level sub (RFC 9701 §5)',
      'introspection_response',
      { ...PURPOSES.introspection_response.claims, sub: 'jane' },
    ],
    ['an introspection response without its answer', 'introspection_response', { aud: 'photos-api' }],
    ['userinfo without sub', 'userinfo', { aud: 'shop' }],
    ['userinfo that carries a logout event', 'userinfo', { sub: 'jane', aud: 'shop', events: LOGOUT_EVENT }],
  ] as const)('%s is refused', async (_name, purpose, claims) => {
    await expect(sign(PURPOSES[purpose].caller, { purpose, claims })).rejects.toMatchObject({ status: 400 });
  });
});
