import { randomBytes } from 'node:crypto';
import type { WrappedSealingKey } from '#libs/contracts';
import { generateSigningKey, Kek, KeysUnavailable, RemoteKeySet, signJwt } from '#libs/keys';
import { AccessTokenReader } from '../src/access-token-reader.js';
import { HolderKeyring } from '../src/holder-keyring.js';
import { sealAccessToken } from '../src/seal-access-token.js';
import { type SealingKey, sealingKey, wrapSealingKey } from '../src/sealing-key.js';
import { CLAIMS } from './claims.fixture.js';

const kek = Kek.local(randomBytes(32), 'LANYARD_SEALING_KEK');
let now: number;
let fetches: number;
let down: boolean;
let served: WrappedSealingKey[];
let holder: HolderKeyring;

beforeEach(() => {
  [now, fetches, down, served] = [50_000, 0, false, []];
  holder = new HolderKeyring({ fetch, kek, monotonic: () => now });
});

async function fetch() {
  fetches++;
  if (down) throw new Error('connect ECONNREFUSED');
  return { keys: served };
}

async function newKey(kid: string, under = kek): Promise<SealingKey> {
  const bytes = randomBytes(32);
  served.push({ kid, wrapped: await wrapSealingKey(under, kid, bytes), state: 'active', activates_at: 0, removed_after: null });
  return sealingKey(kid, bytes, 'active');
}

it('a thousand tokens under an unknown key wait for one fetch, then need neither fetch nor promise', async () => {
  const token = sealAccessToken(CLAIMS, await newKey('s1'));
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => holder.open(token)));
  expect(answers).toEqual(Array.from({ length: 1_000 }, () => ({ ...CLAIMS, kid: 's1' })));
  expect(fetches).toBe(1);
  expect(holder.open(token)).toEqual({ ...CLAIMS, kid: 's1' });
});

it('still unknown after the fetch is inactive, and costs one fetch a second', async () => {
  const tokens = Array.from({ length: 20 }, (_, i) => sealAccessToken(CLAIMS, sealingKey(`made-up-${i}`, randomBytes(32), 'active')));
  for (const token of tokens) expect(await holder.open(token)).toBeNull();
  expect(fetches).toBe(1);
  now += 999;
  expect(await holder.open(tokens[0] as string)).toBeNull();
  expect(fetches).toBe(1);
  now += 1;
  expect(await holder.open(tokens[0] as string)).toBeNull();
  expect(fetches).toBe(2);
});

it('a failed fetch is unavailable, never inactive, for everyone who asks within the second', async () => {
  const token = sealAccessToken(CLAIMS, await newKey('s1'));
  down = true;
  await expect(holder.open(token)).rejects.toThrow(KeysUnavailable);
  await expect(holder.open(token)).rejects.toThrow('ECONNREFUSED');
  expect(fetches).toBe(1);
  down = false;
  now += 1_000;
  expect(await holder.open(token)).toEqual({ ...CLAIMS, kid: 's1' });
});

it('the token service is away: known keys go on opening', async () => {
  const token = sealAccessToken(CLAIMS, await newKey('s1'));
  await holder.refresh();
  down = true;
  now += 86_400_000;
  expect(holder.open(token)).toEqual({ ...CLAIMS, kid: 's1' });
});

it('what is not a token of ours costs no fetch', () => {
  for (const wrong of ['', 'lanyard_at_', 'lanyard_at_a.b.c.d.e', 'lanyard_rt_AAAA']) expect(holder.open(wrong)).toBeNull();
  expect(fetches).toBe(0);
});

it('the ring is read again behind the caller’s back, so that a pending key is there before it seals', async () => {
  const old = sealAccessToken(CLAIMS, await newKey('s1'));
  await holder.refresh();
  const next = await newKey('s2');
  now += 60_001;
  expect(holder.open(old)).toEqual({ ...CLAIMS, kid: 's1' });
  await holder.refresh();
  expect(holder.open(sealAccessToken(CLAIMS, next))).toEqual({ ...CLAIMS, kid: 's2' });
  expect(fetches).toBe(2);
});

it('a failed read at start is tried again at once when asked for, not a cooldown later', async () => {
  const token = sealAccessToken(CLAIMS, await newKey('s1'));
  down = true;
  await expect(holder.refresh()).rejects.toBeInstanceOf(KeysUnavailable);
  down = false;
  await expect(holder.open(token)).rejects.toBeInstanceOf(KeysUnavailable);
  await holder.refresh();
  expect(holder.open(token)).toEqual({ ...CLAIMS, kid: 's1' });
});

it('a holder with another LANYARD_SEALING_KEK learns which one it needs', async () => {
  await newKey('s1', Kek.local(randomBytes(32), 'LANYARD_SEALING_KEK'));
  await expect(holder.refresh()).rejects.toThrow('LANYARD_SEALING_KEK is not the key that the stored keys were encrypted under');
});

it('a key that was revoked is gone at once and stays gone, also when an answer that was under way still has it', async () => {
  const token = sealAccessToken(CLAIMS, await newKey('s1'));
  await holder.refresh();
  now += 1_000;
  const underWay = holder.refresh();
  holder.drop('s1');
  expect(await holder.open(token)).toBeNull();
  await underWay;
  now += 1_000;
  await holder.refresh();
  expect(await holder.open(token)).toBeNull();
});

describe('reading an access token of either form', () => {
  it('both give the same claims; another issuer’s, another type’s and anything else give null', async () => {
    const [sealing, signing, stranger] = [await newKey('s1'), await generateSigningKey('ES256'), await generateSigningKey('ES256')];
    const jwt = new RemoteKeySet({ fetch: async () => ({ keys: [signing.publicJwk] }), monotonic: () => now });
    const reader = new AccessTokenReader({ issuer: CLAIMS.iss, opaque: holder, jwt });
    expect(await reader.read(sealAccessToken(CLAIMS, sealing))).toEqual({ ...CLAIMS, kid: 's1' });
    expect(await reader.read(signJwt(signing, { typ: 'at+jwt' }, { ...CLAIMS }))).toEqual({ ...CLAIMS, kid: signing.kid });
    expect(reader.read(signJwt(signing, { typ: 'at+jwt' }, { ...CLAIMS }))).toEqual({ ...CLAIMS, kid: signing.kid });
    const foreign = { ...CLAIMS, iss: 'https://other.example' };
    const wrong = [
      sealAccessToken(foreign, sealing),
      signJwt(signing, { typ: 'at+jwt' }, foreign),
      signJwt(signing, { typ: 'logout+jwt' }, { ...CLAIMS }),
      signJwt(signing, { typ: 'JWT' }, { ...CLAIMS }),
      signJwt(stranger, { typ: 'at+jwt' }, { ...CLAIMS }),
      signJwt(signing, { typ: 'at+jwt' }, { sub: 'jane' }),
      'lanyard_rt_AAAA',
      '',
    ];
    for (const token of wrong) expect(await reader.read(token)).toBeNull();
  });

  it('a revoked key opens nothing of either form, and a signed one that names no key is none of ours', async () => {
    const [sealing, signing] = [await newKey('s1'), await generateSigningKey('ES256')];
    const jwt = new RemoteKeySet({ fetch: async () => ({ keys: [signing.publicJwk] }), monotonic: () => now });
    const reader = new AccessTokenReader({ issuer: CLAIMS.iss, opaque: holder, jwt });
    const tokens = [sealAccessToken(CLAIMS, sealing), signJwt(signing, { typ: 'at+jwt' }, { ...CLAIMS })];
    for (const token of tokens) expect(await reader.read(token)).not.toBeNull();
    for (const { kid } of [sealing, signing]) reader.dropKey(kid);
    now += 2_000;
    for (const token of tokens) expect(await reader.read(token)).toBeNull();
  });

  it('unavailable when its key can’t be fetched', async () => {
    const jwt = new RemoteKeySet({ fetch, monotonic: () => now });
    const reader = new AccessTokenReader({ issuer: CLAIMS.iss, opaque: holder, jwt });
    const [sealing, signing] = [await newKey('s1'), await generateSigningKey('ES256')];
    down = true;
    expect(await reader.read(sealAccessToken(CLAIMS, sealing))).toBe('unavailable');
    expect(await reader.read(signJwt(signing, { typ: 'at+jwt' }, { ...CLAIMS }))).toBe('unavailable');
  });
});
