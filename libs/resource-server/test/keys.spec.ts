import { generateSigningKey } from '#libs/keys';
import { until } from '#libs/testing';
import { FakeIssuer, LONG } from './fake-issuer.js';
import { statusOf } from './refusal-of.js';

/** Two clocks that can be moved. */
const clock = {
  ahead: { monotonic: 0, wall: 0 },
  monotonic: () => performance.now() + clock.ahead.monotonic,
  wall: () => Date.now() + clock.ahead.wall,
};
const pass = (ms: number) => {
  clock.ahead.monotonic += ms;
  clock.ahead.wall += ms;
};

let issuer: FakeIssuer;
beforeEach(async () => {
  clock.ahead = { monotonic: 0, wall: 0 };
  issuer = await FakeIssuer.start();
});
afterEach(() => issuer.close());

const fresh = async () => {
  const server = await issuer.fresh({ clock });
  const again = () => until(() => server.freshness().fresh, { ...LONG, what: 'fresh again' });
  return { server, again, status: (token: string) => statusOf(server.verify(`Bearer ${token}`)) };
};
const published =
  (...keys: { publicJwk: object }[]) =>
  () =>
    issuer.ok({ keys: keys.map(({ publicJwk }) => publicJwk) });

it('a key that joins is taken when a token first comes under it; made-up key ids cost one reading each half minute', async () => {
  const { status, again } = await fresh();
  expect(await status(issuer.jwt())).toBe(200);
  const next = await generateSigningKey('ES256');
  issuer.jwks = published(issuer.signing, next);
  for (let n = 0; n < 20; n++) expect(await status(issuer.jwt(issuer.claimsOf(), { key: { ...next, kid: `made-up-${n}` } }))).toBe(401);
  expect(issuer.jwksReadings).toBe(1);
  pass(30_001);
  await again();
  expect(await status(issuer.jwt(issuer.claimsOf(), { key: next }))).toBe(200);
  expect(await status(issuer.jwt(issuer.claimsOf(), { key: { ...next, kid: 'made-up' } }))).toBe(401);
  expect(issuer.jwksReadings).toBe(2);
  expect(issuer.asked).toEqual([]);
});

it('a wall clock that is set back does not keep keys from being read', async () => {
  const { status, again } = await fresh();
  expect(await status(issuer.jwt())).toBe(200);
  clock.ahead.wall -= 86_400_000;
  clock.ahead.monotonic += 30_001;
  const next = await generateSigningKey('ES256');
  issuer.jwks = published(next);
  await again();
  expect(await status(issuer.jwt(issuer.claimsOf(), { key: next }))).toBe(200);
});

it('a key that left takes what was remembered of its tokens with it', async () => {
  const { server, status, again } = await fresh();
  const token = issuer.jwt();
  expect(await status(token)).toBe(200);
  const next = await generateSigningKey('ES256');
  issuer.jwks = published(next);
  pass(300_001);
  await again();
  // This one still finds it, and has the set read behind its back.
  await statusOf(server.verify(`Bearer ${token}`));
  await until(async () => (await status(token)) === 401, LONG);
});

it('a key of the same name that is another one takes the place of the first, and its tokens', async () => {
  const { status, again } = await fresh();
  const token = issuer.jwt(issuer.claimsOf({ exp: Date.now() }));
  expect(await status(token)).toBe(200);
  const forged = { ...(await generateSigningKey('ES256')), kid: issuer.signing.kid };
  issuer.jwks = () => issuer.ok({ keys: [{ ...forged.publicJwk, kid: forged.kid }] });
  pass(300_001);
  await again();
  await until(async () => (await status(token)) === 401, LONG);
});

it('a revoked key is gone for good: after the horizon, and though a reading of later still has it', async () => {
  const { server, status, again } = await fresh();
  const token = issuer.jwt(issuer.claimsOf({ exp: Math.floor(Date.now() / 1_000) + 1_000_000 }));
  expect(await status(token)).toBe(200);
  issuer.feed.end('key', issuer.signing.kid);
  await until(async () => (await status(token)) === 401, LONG);
  const later = 2 * 4_200_000;
  pass(later);
  issuer.feed.now = () => Date.now() + later;
  await again();
  await until(() => server.copy.size === 0, { ...LONG, what: 'the entry has expired' });
  expect(await status(token)).toBe(401);
  pass(300_001);
  await again();
  expect(await status(token)).toBe(401);
});

it('the key that takes over from a revoked one is read at once; until the set has it, its tokens are the server’s to judge', async () => {
  const [other, next] = [await generateSigningKey('RS256'), await generateSigningKey('ES256')];
  // an instance that keeps the old set for a while
  issuer.jwks = published(issuer.signing, other);
  const { status } = await fresh();
  expect(await status(issuer.jwt())).toBe(200);
  const claims = issuer.claimsOf();
  const token = issuer.jwt(claims, { key: next });
  issuer.claims.set(token, { active: true, ...claims });
  expect(await status(token)).toBe(401);
  const readings = issuer.jwksReadings;
  issuer.feed.end('key', issuer.signing.kid);
  await until(() => issuer.jwksReadings > readings, LONG);
  expect(await status(token)).toBe(200);
  expect(issuer.asked).toEqual([token]);
});

describe('a set that disappears', () => {
  const gone: [string, () => { status: number; body: string } | null][] = [
    ['404', () => ({ status: 404, body: '' })],
    ['no JSON', () => ({ status: 200, body: '<html>' })],
    ['no keys', () => ({ status: 200, body: '{"keys":[]}' })],
    ['keys that are none', () => ({ status: 200, body: '{"keys":[null,1,{"kid":7},{"kty":"EC"}]}' })],
    ['keys without an end', () => ({ status: 200, body: `{"keys":["${'x'.repeat(2_000_000)}"]}` })],
    ['no answer', () => null],
  ];

  it.each(gone)('(%s) leaves the keys that are known', async (_what, jwks) => {
    const { status, again } = await fresh();
    const long = () => issuer.jwt(issuer.claimsOf({ exp: Math.floor(Date.now() / 1_000) + 3_600 }));
    const [token, another] = [long(), long()];
    expect(await status(token)).toBe(200);
    issuer.jwks = jwks;
    pass(300_001);
    await again();
    expect(await status(token)).toBe(200);
    await until(() => issuer.jwksReadings > 1, LONG);
    expect([await status(token), await status(another)]).toEqual([200, 200]);
  });

  it.each(gone)('(%s) from the beginning: the server is asked, and it is read as soon as it is there', async (_what, jwks) => {
    issuer.jwks = jwks;
    const { status, again } = await fresh();
    expect(await status(issuer.jwt())).toBe(401);
    const token = issuer.token('jwt');
    expect(await status(token)).toBe(200);
    expect(await status(token)).toBe(200);
    issuer.jwks = published(issuer.signing);
    pass(1_001);
    await again();
    const asked = issuer.asked.length;
    expect(await status(issuer.jwt())).toBe(200);
    expect(issuer.asked.length).toBe(asked);
  });

  it('from the beginning, and the policy is to refuse: 503', async () => {
    issuer.jwks = () => ({ status: 500, body: '' });
    const server = await issuer.fresh({ freshness: { otherwise: 'refuse' } });
    expect(await statusOf(server.verify(`Bearer ${issuer.jwt()}`))).toBe(503);
    expect(issuer.asked).toEqual([]);
  });
});
