import { until } from '#libs/testing';
import { FakeIssuer, LONG } from './fake-issuer.js';
import { statusOf } from './refusal-of.js';

/** A monotonic clock that can be moved: what was heard long ago is settled. */
const clock = { ahead: 0, monotonic: () => performance.now() + clock.ahead, wall: () => Date.now() + clock.ahead };
const SETTLED_MS = 31_000;

let issuer: FakeIssuer;
beforeEach(async () => {
  clock.ahead = 0;
  issuer = await FakeIssuer.start();
});
afterEach(() => issuer.close());

describe.each([
  ['subject', 'sub'],
  ['client', 'client_id'],
] as const)('when the generation of a %s is raised', (kind, member) => {
  it('a JWT of a lower one is refused, and one of the new one is good', async () => {
    const server = await issuer.fresh();
    const claims = issuer.claimsOf();
    const header = `Bearer ${issuer.jwt(claims)}`;
    await server.verify(header);
    issuer.feed.raise(kind, String(claims[member]), 2);
    await until(async () => (await statusOf(server.verify(header))) === 401, LONG);
    const gen = kind === 'subject' ? [2, 1] : [1, 2];
    expect(await statusOf(server.verify(`Bearer ${issuer.jwt({ ...claims, jti: 'new', gen })}`))).toBe(200);
    expect(issuer.asked).toEqual([]);
  });

  it('an opaque token that was known is asked about again, each time until the server must have seen it', async () => {
    const server = await issuer.fresh({ clock });
    const claims = issuer.claimsOf();
    const header = `Bearer ${issuer.opaque(claims)}`;
    await server.verify(header);
    await server.verify(header);
    expect(issuer.asked).toHaveLength(1);
    issuer.feed.raise(kind, String(claims[member]), 2);
    await until(async () => {
      await server.verify(header);
      return issuer.asked.length >= 3;
    }, LONG);
    clock.ahead += SETTLED_MS;
    await until(() => server.freshness().fresh, LONG);
    await server.verify(header);
    const settled = issuer.asked.length;
    for (let n = 0; n < 5; n++) await server.verify(header);
    expect(issuer.asked.length).toBe(settled);
  });

  it('an opaque token whose server has not seen it yet is refused as soon as it has', async () => {
    const server = await issuer.fresh();
    const claims = issuer.claimsOf();
    const token = issuer.opaque(claims);
    await server.verify(`Bearer ${token}`);
    issuer.feed.raise(kind, String(claims[member]), 2);
    await until(async () => {
      await statusOf(server.verify(`Bearer ${token}`));
      return issuer.asked.length >= 2;
    }, LONG);
    issuer.claims.clear();
    expect(await statusOf(server.verify(`Bearer ${token}`))).toBe(401);
  });
});

describe('a raised generation is settled, and answers are kept again,', () => {
  const at = { now: performance.now() };
  const still = { monotonic: () => at.now, wall: () => Date.now() };

  it.each([
    ['by the server’s own bound', 2_000, 2_000],
    ['by the longest bound there is, where it does not say its own,', undefined, 30_000],
  ])('%s after it was heard of', async (_what, bound_ms, settledMs) => {
    issuer.feed.opening = { ...issuer.feed.opening, bound_ms };
    const server = await issuer.fresh({ clock: still, freshness: { boundMs: 30_000 } });
    const claims = issuer.claimsOf();
    const header = `Bearer ${issuer.opaque(claims)}`;
    const asks = async () => {
      const before = issuer.asked.length;
      await server.verify(header);
      return issuer.asked.length - before;
    };
    issuer.feed.raise('client', claims.client_id as string, 2);
    await until(() => server.copy.size === 1, LONG);
    const goOn = async (ms: number) => {
      at.now += ms;
      await until(() => server.freshness().fresh, LONG);
    };
    expect([await asks(), await asks()]).toEqual([1, 1]);
    await goOn(settledMs - 1);
    expect([await asks(), await asks()]).toEqual([1, 1]);
    await goOn(1);
    expect([await asks(), await asks(), await asks()]).toEqual([1, 0, 0]);
  });
});

it('a generation that is raised while a question is under way makes its answer one for this request alone', async () => {
  const server = await issuer.fresh();
  const claims = issuer.claimsOf();
  const token = issuer.opaque(claims);
  const tell = issuer.hold();
  const verifying = statusOf(server.verify(`Bearer ${token}`));
  await until(() => issuer.asked.length === 1, LONG);
  const before = server.copy.size;
  issuer.feed.raise('subject', claims.sub, 2);
  await until(() => server.copy.size > before, LONG);
  tell();
  await verifying;
  await server.verify(`Bearer ${token}`);
  expect(issuer.asked.length).toBeGreaterThanOrEqual(2);
});

it('a generation that is told again by the snapshot of another instance is no news, whatever the owner’s clock did', async () => {
  const server = await issuer.fresh({ clock });
  const claims = issuer.claimsOf();
  const at = issuer.feed.now() - 3_600_000;
  issuer.feed.raise('subject', claims.sub, 1, at);
  await until(() => server.copy.size === 1, LONG);
  // an hour old by the owner's clock, heard just now by ours: an answer may be of before it
  const header = `Bearer ${issuer.opaque(claims)}`;
  for (let n = 0; n < 3; n++) await server.verify(header);
  expect(issuer.asked.length).toBe(3);
  clock.ahead += SETTLED_MS;
  await until(() => server.freshness().fresh, LONG);
  await server.verify(header);
  issuer.feed.raise('subject', claims.sub, 1, at);
  issuer.feed.end('session', 'marker');
  await until(() => server.copy.size === 2, LONG);
  await server.verify(header);
  expect(issuer.asked.length).toBe(4);
});
