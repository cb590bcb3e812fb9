import { createPrivateKey, randomBytes } from 'node:crypto';
import * as jose from 'jose';
import type { Database } from '#libs/database';
import { Kek, KeyError, SIGNING_ALGS, signJwt } from '#libs/keys';
import { OAuthError } from '#libs/protocol';
import { openAccessToken, sealAccessToken, unwrapSealingKeys } from '#libs/sealing';
import { createTestDatabase, schemaDrift, type TestDatabase, TimeMachine } from '#libs/testing';
import { Instance, openKeysDatabase, POLICIES, SECRETS } from './key-fixture.js';

const CLAIMS = {
  iss: 'https://as.example',
  sub: 'jane',
  aud: 'api',
  client_id: 'shop',
  scope: '',
  iat: 1,
  exp: 2,
  jti: 'j',
  gen: [0, 0] as [number, number],
};
const POSITION = { gid: 'grant', sid: 'session', seq: 1 };

let database: TestDatabase;
let time: TimeMachine;
let db: Database;
let started: Instance[];

beforeEach(async () => {
  database = await createTestDatabase();
  time = new TimeMachine(database);
  db = await openKeysDatabase(database);
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map(({ keys }) => keys.stop()));
  await db.close();
  await database.drop();
});

function instance(options: ConstructorParameters<typeof Instance>[1] = {}): Instance {
  const made = new Instance(db, options);
  started.push(made);
  return made;
}

async function running(options: ConstructorParameters<typeof Instance>[1] = {}): Promise<Instance> {
  const made = instance(options);
  await made.keys.start();
  return made;
}

const count = async (where: string) =>
  Number((await database.query<{ n: string }>(`SELECT count(*) AS n FROM token.keys WHERE ${where}`))[0]?.n);

it('the tables are what the entities say', async () => {
  expect(await schemaDrift(db)).toEqual([]);
});

describe('the first start', () => {
  it('makes ES256 and RS256 signing keys, a sealing key and a refresh MAC key, and publishes the public halves only', async () => {
    const { keys, reason } = await running();
    const jwks = keys.publicJwks();
    expect(jwks.keys.map(({ alg, kty, use }) => ({ alg, kty, use })).sort((a, b) => a.alg.localeCompare(b.alg))).toEqual([
      { alg: 'ES256', kty: 'EC', use: 'sig' },
      { alg: 'RS256', kty: 'RSA', use: 'sig' },
    ]);
    for (const jwk of jwks.keys) {
      expect(Object.keys(jwk).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth'].includes(name))).toEqual([]);
      expect(await jose.calculateJwkThumbprint(jwk)).toBe(jwk.kid);
    }
    expect(openAccessToken(sealAccessToken(CLAIMS, keys.activeSealingKey()), keys.sealingKeyring)).toMatchObject(CLAIMS);
    expect(await keys.decodeRefreshToken(keys.encodeRefreshToken(POSITION))).toEqual(POSITION);
    expect(reason).toEqual({ name: 'keys', ok: true, reason: null });
  });

  it('of eight instances at once makes each key once, and all of them have the same', async () => {
    const instances = await Promise.all(Array.from({ length: 8 }, () => running()));
    expect(await count('true')).toBe(4);
    expect(new Set(instances.map(({ keys }) => keys.activeSealingKey().kid)).size).toBe(1);
    expect(new Set(instances.map(({ keys }) => JSON.stringify(keys.publicJwks()))).size).toBe(1);
  });

  it('a later start finds the keys it left', async () => {
    const before = await running();
    const after = await running();
    expect(after.keys.publicJwks()).toEqual(before.keys.publicJwks());
    expect(await after.keys.decodeRefreshToken(before.keys.encodeRefreshToken(POSITION))).toEqual(POSITION);
  });
});

describe('an algorithm on demand', () => {
  it.each(['EdDSA', 'PS256'] as const)(
    '%s is made once, whoever and however many ask, and jose verifies with the published key',
    async (alg) => {
      const [one, two] = [await running(), await running()];
      const made = await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? one : two).keys.signingKeyFor(alg)));
      expect(new Set(made.map(({ kid }) => kid)).size).toBe(1);
      expect(await count(`line = 'signing:${alg}'`)).toBe(1);
      const jwks = jose.createLocalJWKSet(one.keys.publicJwks());
      const { payload } = await jose.jwtVerify(signJwt(await two.keys.signingKeyFor(alg), { typ: 'JWT' }, { sub: 'jane' }), jwks);
      expect(payload).toEqual({ sub: 'jane' });
    },
  );

  it('each published key verifies under the algorithm it is published for', async () => {
    const { keys } = await running();
    for (const alg of SIGNING_ALGS) {
      const jwt = signJwt(await keys.signingKeyFor(alg), { typ: 'JWT' }, { alg });
      expect((await jose.jwtVerify(jwt, jose.createLocalJWKSet(keys.publicJwks()))).protectedHeader.alg).toBe(alg);
    }
  });
});

describe('rotation by database time', () => {
  const states = async (line: string) =>
    (await database.query<{ state: string }>('SELECT state FROM token.keys WHERE line = $1 ORDER BY created_at, kid', [line])).map(
      ({ state }) => state,
    );
  const tickAll = (instances: Instance[]) => Promise.all(instances.map(({ keys }) => keys.tick()));

  it('eight instances at once take each step once: pending, active, retiring, retired', async () => {
    const all = await Promise.all(Array.from({ length: 8 }, () => running()));
    const { activeMs, pendingMs, retiringMs } = POLICIES.sealing;
    await tickAll(all);
    expect(await states('sealing')).toEqual(['active']);
    await time.advance(activeMs - pendingMs);
    await tickAll(all);
    expect(await states('sealing')).toEqual(['active', 'pending']);
    await time.advance(pendingMs);
    await tickAll(all);
    expect(await states('sealing')).toEqual(['retiring', 'active']);
    await time.advance(retiringMs as number);
    await tickAll(all);
    expect(await states('sealing')).toEqual(['retired', 'active']);
    expect(await count(`line = 'sealing' AND state = 'retired' AND envelope IS NOT NULL`)).toBe(0);
  });

  it('a pending sealing key is with the holders before it seals, and opens already', async () => {
    const { keys } = await running();
    const first = keys.activeSealingKey();
    await time.advance(POLICIES.sealing.activeMs - POLICIES.sealing.pendingMs);
    await keys.tick();
    const holder = await unwrapSealingKeys(keys.wrappedSealingKeys(), Kek.local(SECRETS.sealingKek, 'LANYARD_SEALING_KEK'));
    expect(keys.activeSealingKey().kid).toBe(first.kid);
    await time.advance(POLICIES.sealing.pendingMs);
    await keys.tick();
    expect(keys.activeSealingKey().kid).not.toBe(first.kid);
    expect(openAccessToken(sealAccessToken(CLAIMS, keys.activeSealingKey()), holder)).toMatchObject(CLAIMS);
  });

  it('a replaced signing key verifies on, but its private half is gone from the database at once', async () => {
    const { keys } = await running();
    const old = await keys.signingKeyFor('ES256');
    await time.advance(POLICIES.signing.activeMs - POLICIES.signing.pendingMs);
    await keys.tick();
    await time.advance(POLICIES.signing.pendingMs);
    await keys.tick();
    expect((await keys.signingKeyFor('ES256')).kid).not.toBe(old.kid);
    expect(keys.publicJwks().keys.map(({ kid }) => kid)).toContain(old.kid);
    expect(await count(`kid = '${old.kid}' AND state = 'retiring' AND envelope IS NULL`)).toBe(1);
    await time.advance(POLICIES.signing.retiringMs as number);
    await keys.tick();
    expect(keys.publicJwks().keys.map(({ kid }) => kid)).not.toContain(old.kid);
  });

  it('after a year’s stop the old keys go on until their successors have been pending their time', async () => {
    const { keys } = await running();
    const old = await keys.signingKeyFor('ES256');
    await time.advance(365 * 86_400_000);
    await keys.tick();
    expect((await keys.signingKeyFor('ES256')).kid).toBe(old.kid);
    await time.advance(POLICIES.signing.pendingMs);
    await keys.tick();
    expect((await keys.signingKeyFor('ES256')).kid).not.toBe(old.kid);
  });

  it('a refresh token outlives every rotation of its MAC key; one under a key just made elsewhere is read at once', async () => {
    const [one, two] = [await running(), await running()];
    const old = one.keys.encodeRefreshToken(POSITION);
    for (let i = 0; i < 6; i++) {
      await time.advance(POLICIES.refresh_mac.activeMs / 2);
      await one.keys.tick();
      expect(await one.keys.decodeRefreshToken(old)).toEqual(POSITION);
    }
    const fresh = one.keys.encodeRefreshToken(POSITION);
    expect(fresh).not.toBe(old);
    expect(await two.keys.decodeRefreshToken(fresh)).toEqual(POSITION);
  });

  it('the database itself refuses a second active key of a line', async () => {
    await running();
    const second = `INSERT INTO token.keys SELECT 'second', line, state, envelope_version, envelope, public_jwk, created_at, activates_at FROM token.keys WHERE line = 'sealing'`;
    await expect(database.query(second)).rejects.toThrow('keys_one_active');
  });
});

describe('at rest', () => {
  it('a dump of the tables holds no key in plaintext, in any spelling', async () => {
    const { keys } = await running();
    await keys.signingKeyFor('EdDSA');
    await time.advance(POLICIES.signing.activeMs - 1);
    await keys.tick();
    const rows = await database.query<{ kid: string; alg: string; purpose: string; version: number; envelope: string }>(
      'SELECT kid, alg, purpose, envelope_version AS version, envelope FROM token.keys JOIN token.key_lines USING (line) WHERE envelope IS NOT NULL',
    );
    const dump = JSON.stringify(await database.query('SELECT * FROM token.keys, token.key_lines'));
    expect(rows.length).toBeGreaterThanOrEqual(9);
    for (const row of rows) {
      const kek = row.purpose === 'sealing' ? Kek.local(SECRETS.sealingKek, 'LANYARD_SEALING_KEK') : Kek.local(SECRETS.kek, 'LANYARD_KEK');
      const plain = await kek.open(row.envelope, row);
      const secret = row.purpose === 'signing' ? privateNumber(plain) : plain;
      for (const spelling of ['hex', 'base64', 'base64url', 'latin1'] as const) {
        expect(dump.includes(secret.toString(spelling).replaceAll('=', ''))).toBe(false);
      }
    }
  });

  it.each([
    ['LANYARD_KEK', { ...SECRETS, kek: randomBytes(32) }],
    ['LANYARD_SEALING_KEK', { ...SECRETS, sealingKek: randomBytes(32) }],
  ])('a wrong %s is one clear error at start, is the readiness reason, and makes nothing new', async (name, secrets) => {
    await running();
    await time.advance(POLICIES.signing.activeMs);
    const other = instance({ secrets });
    const failed = other.keys.start();
    await expect(failed).rejects.toThrow(KeyError);
    await expect(failed).rejects.toThrow(
      new RegExp(`^${name} is not the key that the stored keys were encrypted under: .* Restore ${name} from its backup$`),
    );
    expect(other.reason).toMatchObject({ ok: false, reason: expect.stringContaining(`${name} is not the key`) });
    expect(await count('true')).toBe(4);
  });

  it('an envelope moved into another row is refused', async () => {
    await running();
    await database.query(
      `UPDATE token.keys SET envelope = (SELECT envelope FROM token.keys WHERE line = 'refresh_mac') WHERE line = 'signing:ES256'`,
    );
    await expect(instance().keys.start()).rejects.toThrow(KeyError);
  });
});

describe('when the keys can’t be read', () => {
  const hide = () => database.query('ALTER TABLE token.keys RENAME TO hidden');
  const show = () => database.query('ALTER TABLE token.hidden RENAME TO keys');

  it('the reason is in readiness, the keys in memory serve on for five minutes, then nothing is made; it heals by itself', async () => {
    const one = await running();
    await hide();
    await one.passing(299_000);
    expect(one.reason).toMatchObject({ ok: false, reason: expect.stringContaining('"keys" does not exist') });
    expect(one.keys.activeSealingKey().state).toBe('active');
    await one.passing(2_000);
    for (const use of [() => one.keys.activeSealingKey(), () => one.keys.encodeRefreshToken(POSITION)]) expect(use).toThrow(OAuthError);
    await expect(one.keys.signingKeyFor('ES256')).rejects.toMatchObject({ status: 503, code: 'temporarily_unavailable' });
    await show();
    await one.passing(10_000);
    expect(one.reason).toMatchObject({ ok: true });
    expect(one.keys.activeSealingKey().state).toBe('active');
  });

  it('a refresh token under an unknown key is unavailable, not invalid; a malformed one is invalid all the same', async () => {
    const [one, other] = [await running(), await running()];
    await time.advance(POLICIES.refresh_mac.activeMs);
    await other.keys.tick();
    await time.advance(POLICIES.refresh_mac.pendingMs);
    await other.keys.tick();
    const token = other.keys.encodeRefreshToken(POSITION);
    await hide();
    await expect(one.keys.decodeRefreshToken(token)).rejects.toMatchObject({ status: 503 });
    expect(await one.keys.decodeRefreshToken('lanyard_rt_AAAA')).toBeNull();
    await show();
    one.monotonicMs += 1_000;
    expect(await one.keys.decodeRefreshToken(token)).toEqual(POSITION);
  });
});

it('reads its own access tokens of both forms', async () => {
  const { keys } = await running();
  const claims = { ...CLAIMS };
  expect(await keys.accessTokens.read(sealAccessToken(claims, keys.activeSealingKey()))).toMatchObject(CLAIMS);
  expect(await keys.accessTokens.read(signJwt(await keys.signingKeyFor('ES256'), { typ: 'at+jwt' }, claims))).toMatchObject(CLAIMS);
  expect(await keys.accessTokens.read(signJwt(await keys.signingKeyFor('ES256'), { typ: 'JWT' }, claims))).toBeNull();
});

it('tells database time, carried on by the monotonic clock', async () => {
  const one = await running();
  await time.advance(3_600_000);
  await one.keys.tick();
  const told = one.keys.databaseNow();
  expect(Math.abs(told - (await time.now()))).toBeLessThan(5_000);
  one.monotonicMs += 7_000;
  expect(one.keys.databaseNow()).toBe(told + 7_000);
});

/** `d`: what makes a private key private. The rest of PKCS #8 is public and may well be in the dump. */
function privateNumber(pkcs8: Buffer): Buffer {
  return Buffer.from(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ format: 'jwk' }).d ?? '', 'base64url');
}
