import { KeysUnavailable } from '../src/errors.js';
import { RemoteKeySet } from '../src/remote-key-set.js';
import { signJwt } from '../src/sign-jwt.js';
import { generateSigningKey, type SigningKey } from '../src/signing-key.js';

const expected = { algs: ['ES256'], typ: 'at+jwt' } as const;
let now: number;
let fetches: number;
let down: boolean;
let served: SigningKey[];
let set: RemoteKeySet;
let key: SigningKey;

beforeEach(async () => {
  [now, fetches, down] = [1_000_000, 0, false];
  key = await generateSigningKey('ES256');
  served = [key];
  const fetch = async () => {
    fetches++;
    if (down) throw new Error('connect ECONNREFUSED');
    return { keys: served.map(({ publicJwk }) => publicJwk) };
  };
  set = new RemoteKeySet({ fetch, monotonic: () => now });
});

const token = (by: SigningKey) => signJwt(by, { typ: 'at+jwt' }, { sub: 'jane' });

it('a thousand tokens under an unknown key cost one fetch', async () => {
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => set.verify(token(key), expected)));
  expect(answers.every((answer) => answer?.claims.sub === 'jane')).toBe(true);
  expect(fetches).toBe(1);
});

it('a known key is answered at once, without a promise', async () => {
  await set.refresh();
  expect(set.verify(token(key), expected)).toMatchObject({ claims: { sub: 'jane' } });
});

it('made-up key ids cost one fetch each cooldown, and are not remembered', async () => {
  await set.refresh();
  for (let i = 0; i < 50; i++) expect(await set.verify(token({ ...key, kid: `made-up-${i}` }), expected)).toBeNull();
  expect(fetches).toBe(1);
  now += 30_000;
  for (let i = 0; i < 50; i++) expect(await set.verify(token({ ...key, kid: `more-${i}` }), expected)).toBeNull();
  expect(fetches).toBe(2);
});

it('a token of a key that joined later is verified after the cooldown', async () => {
  await set.refresh();
  const next = await generateSigningKey('ES256');
  served.push(next);
  now += 30_000;
  expect(await set.verify(token(next), expected)).toMatchObject({ claims: { sub: 'jane' } });
});

it('a token that no key could make right costs no fetch', async () => {
  for (const wrong of ['', 'a.b.c', `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.AA`])
    expect(await set.verify(wrong, expected)).toBeNull();
  expect(fetches).toBe(0);
});

it('the owner is away: an unknown key is unavailable, never refused, and each asks no more than once a cooldown', async () => {
  down = true;
  await expect(set.verify(token(key), expected)).rejects.toThrow(KeysUnavailable);
  await expect(set.verify(token(key), expected)).rejects.toThrow(KeysUnavailable);
  expect(fetches).toBe(1);
  down = false;
  now += 30_000;
  expect(await set.verify(token(key), expected)).toMatchObject({ claims: { sub: 'jane' } });
});

it('the owner is away: known keys go on verifying', async () => {
  await set.refresh();
  down = true;
  now += 3_600_000;
  expect(set.verify(token(key), expected)).toMatchObject({ claims: { sub: 'jane' } });
});

it('a removed key is forgotten once the set is older than its max-age', async () => {
  await set.refresh();
  served = [await generateSigningKey('ES256')];
  now += 300_001;
  expect(set.verify(token(key), expected)).not.toBeNull();
  await set.refresh();
  now += 30_000;
  expect(await set.verify(token(key), expected)).toBeNull();
});
