import { until } from '#libs/testing';
import { FakeIssuer, LONG } from './fake-issuer.js';
import { refusalOf, statusOf } from './refusal-of.js';

const BOUND_MS = 10_000;
/** Both go on together, and ahead of time where a spec says so. */
const clock = { ahead: 0, monotonic: () => performance.now() + clock.ahead, wall: () => Date.now() + clock.ahead };

let issuer: FakeIssuer;
beforeEach(async () => {
  clock.ahead = 0;
  issuer = await FakeIssuer.start();
});
afterEach(() => issuer.close());

const FORMS = ['jwt', 'opaque'] as const;
/** The feed is away, for so long that the copy is not current any more. */
const goesStale = () => {
  issuer.breakFeed();
  clock.ahead += BOUND_MS;
};

describe.each(FORMS)('while nothing proves that the copy is current, a token (%s)', (form) => {
  it('is asked about on every request, and believed for that one', async () => {
    const server = await issuer.fresh({ clock });
    const claims = issuer.claimsOf();
    const header = `Bearer ${issuer.token(form, claims)}`;
    await server.verify(header);
    goesStale();
    const before = issuer.asked.length;
    expect(await server.verify(header, { scopes: ['photos:read'] })).toMatchObject({ jti: claims.jti });
    expect(await statusOf(server.verify(header))).toBe(200);
    expect(issuer.asked.length - before).toBe(2);
    issuer.claims.clear();
    expect(await statusOf(server.verify(header))).toBe(401);
  });

  it('is refused with 503, where the policy says so; what is known against it, with 401', async () => {
    const server = await issuer.fresh({ clock, freshness: { otherwise: 'refuse' } });
    const ended = issuer.claimsOf();
    const [header, dead] = [`Bearer ${issuer.token(form)}`, `Bearer ${issuer.token(form, ended)}`];
    for (const each of [header, dead]) await server.verify(each);
    issuer.feed.end('session', ended.sid);
    await until(async () => (await statusOf(server.verify(dead))) === 401, LONG);
    goesStale();
    const before = issuer.asked.length;
    const refusal = await refusalOf(server.verify(header));
    expect(refusal).toMatchObject({ status: 503, code: 'temporarily_unavailable', headers: { 'retry-after': '1' } });
    expect(refusal.headers['www-authenticate']).toBeUndefined();
    expect(await statusOf(server.verify(dead))).toBe(401);
    expect(await statusOf(server.verify(header, { scopes: ['photos:write'] }))).toBe(403);
    expect(issuer.asked.length).toBe(before);
  });

  it('is refused with 503 when the server gives no answer either', async () => {
    const server = await issuer.fresh({ clock });
    const header = `Bearer ${issuer.token(form)}`;
    await server.verify(header);
    goesStale();
    const none = [{ status: 500, body: '{"active":true}' }, { status: 200, body: '[]' }, { status: 200, body: 'active' }, null];
    for (const answer of none) {
      issuer.introspection = () => answer;
      expect(await statusOf(server.verify(header))).toBe(503);
    }
    expect(issuer.troubles).toContain('a token could not be introspected');
  });

  it('is not believed on answers that took longer than the server keeps back for their way', async () => {
    const server = await issuer.fresh({ clock, freshness: { boundMs: 2_000 } });
    const header = `Bearer ${issuer.token(form)}`;
    await server.verify(header);
    goesStale();
    const before = issuer.asked.length;
    issuer.introspection = (token) => {
      clock.ahead += 101;
      return issuer.verdictOn(token);
    };
    expect(await statusOf(server.verify(header))).toBe(503);
    expect(issuer.asked.length - before).toBe(3);
  });

  it('may be believed on later ones by an API whose bound is wider than the server’s', async () => {
    const server = await issuer.fresh({ clock, freshness: { boundMs: 3_000 } });
    const header = `Bearer ${issuer.token(form)}`;
    await server.verify(header);
    goesStale();
    issuer.introspection = (token) => {
      clock.ahead += 500;
      return issuer.verdictOn(token);
    };
    expect(await statusOf(server.verify(header))).toBe(200);
  });

  it('is accepted without a question again once the copy is', async () => {
    const server = await issuer.fresh({ clock });
    const header = `Bearer ${issuer.token(form)}`;
    await server.verify(header);
    goesStale();
    issuer.feed.status = 200;
    await until(() => server.freshness().fresh, LONG);
    const before = issuer.asked.length;
    await server.verify(header);
    expect(issuer.asked.length).toBe(before);
  });
});

it('before the feed has ever come, a token that has expired by our own wrong clock is the server’s to judge', async () => {
  issuer.feed.status = 503;
  clock.ahead = 86_400_000;
  const server = await issuer.server({ clock: { ...clock, monotonic: () => performance.now() } });
  for (const form of FORMS) {
    const header = `Bearer ${issuer.token(form)}`;
    // on loopback within 100 ms, or asked again; a machine that can't even do that for a while says 503
    await until(async () => (await statusOf(server.verify(header))) === 200, LONG);
    // the `Date` of the server's answer, not our clock
    await until(async () => (await statusOf(server.verify(header, { maxAge: 60 }))) === 200, LONG);
  }
});

it('an answer that was asked for before a sleep is not believed after it', async () => {
  issuer.feed.status = 503;
  const asleep = { ahead: 0, monotonic: () => performance.now(), wall: () => Date.now() + asleep.ahead };
  const server = await issuer.server({ clock: asleep });
  issuer.introspection = (asked) => {
    asleep.ahead += 60_000;
    return issuer.verdictOn(asked);
  };
  expect(await statusOf(server.verify(`Bearer ${issuer.token('opaque')}`))).toBe(503);
});

it('a copy that was current before a sleep is not after it', async () => {
  const asleep = { ahead: 0, monotonic: () => performance.now(), wall: () => Date.now() + asleep.ahead };
  const server = await issuer.fresh({ clock: asleep, freshness: { otherwise: 'refuse' } });
  const header = `Bearer ${issuer.token('jwt')}`;
  await server.verify(header);
  asleep.ahead += 60_000;
  expect(await statusOf(server.verify(header))).toBe(503);
});

it('once stopped, it goes by the policy', async () => {
  const server = await issuer.fresh({ clock, freshness: { otherwise: 'refuse' } });
  server.stop();
  clock.ahead += BOUND_MS;
  expect(await statusOf(server.verify(`Bearer ${issuer.token('jwt')}`))).toBe(503);
});
