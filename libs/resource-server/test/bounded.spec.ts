import { generateSigningKey } from '#libs/keys';
import { until } from '#libs/testing';
import { KilledTokens } from '../src/killed-tokens.js';
import { Remembered } from '../src/remembered.js';
import { TokenNames } from '../src/token-names.js';
import { FakeIssuer, LONG } from './fake-issuer.js';
import { statusOf } from './refusal-of.js';

describe('what is remembered of tokens', () => {
  it('holds two generations by weight, and what is asked for stays', () => {
    const remembered = new Remembered<number>(100_000);
    for (let n = 0; n < 10_000; n++) {
      remembered.set(`t-${n}`, n, 1_000);
      expect(remembered.get('t-0')).toBe(0);
      expect(remembered.size).toBeLessThanOrEqual(100);
    }
    expect(remembered.get('t-1')).toBeUndefined();
    expect(remembered.get('t-9999')).toBe(9_999);
  });

  it('is not heavier for being set again and again', () => {
    const remembered = new Remembered<number>(10_000);
    remembered.set('other', 1, 1_000);
    for (let n = 0; n < 1_000; n++) remembered.set('one', n, 1_000);
    expect([remembered.get('other'), remembered.get('one'), remembered.size]).toEqual([1, 999, 2]);
  });

  it('is nothing of a token that was no good', async () => {
    const issuer = await FakeIssuer.start();
    try {
      const server = await issuer.fresh();
      const { parts } = server as unknown as { parts: { jwts: { size: number }; opaque: { size: number }; questions: { size: number } } };
      const opaque = (n: number) => `Bearer lanyard_at_${issuer.sealing.header}..AAAAAAAAAAAAAAAA.${n}.AAAAAAAAAAAAAAAAAAAAAA`;
      const stranger = { ...(await generateSigningKey('ES256')), kid: issuer.signing.kid };
      const jwt = `Bearer ${issuer.jwt(issuer.claimsOf(), { key: stranger })}`;
      for (let n = 0; n < 500; n++)
        expect([await statusOf(server.verify(opaque(n))), await statusOf(server.verify(jwt))]).toEqual([401, 401]);
      expect([parts.jwts.size, parts.opaque.size, parts.questions.size]).toEqual([0, 0, 0]);
    } finally {
      await issuer.close();
    }
  });
});

describe('tokens that were killed', () => {
  const clock = { now: 0, monotonic: () => clock.now, wall: () => 0 };

  it('are never forgotten for the sake of others: beyond the limit killing fails, aloud', () => {
    const killed = new KilledTokens(new TokenNames(), clock, 100);
    for (let n = 0; n < 100; n++) killed.add(`t-${n}`);
    expect(() => killed.add('one more')).toThrow(RangeError);
    expect(killed.has('t-0')).toBe(true);
    expect(killed.has('one more')).toBe(false);
  });

  it('make place once they have certainly expired', () => {
    const killed = new KilledTokens(new TokenNames(), clock, 1);
    killed.add('old');
    clock.now += 11 * 3_600_000;
    expect(() => killed.add('new')).toThrow(RangeError);
    clock.now += 8 * 3_600_000;
    killed.add('new');
    expect([killed.has('old'), killed.has('new')]).toEqual([false, true]);
  });
});

it('questions under way are bounded: who comes with yet another token is told 503 at once, and the next one is asked for', async () => {
  const issuer = await FakeIssuer.start();
  try {
    const server = await issuer.fresh();
    const tell = issuer.hold();
    const opaque = (n: number) => `Bearer lanyard_at_${issuer.sealing.header}..AAAAAAAAAAAAAAAA.${n}.AAAAAAAAAAAAAAAAAAAAAA`;
    const flood = Array.from({ length: 1_024 }, (_, n) => statusOf(server.verify(opaque(n))));
    await until(() => issuer.asked.length >= 64, LONG);
    expect(await statusOf(server.verify(opaque(9_999)))).toBe(503);
    // the same token is one question
    const again = statusOf(server.verify(opaque(0)));
    // 64 for tokens, 8 for the rest, and the stream
    expect(await issuer.connections()).toBeLessThanOrEqual(73);
    expect(server.freshness().fresh).toBe(true);
    tell();
    // what waited for a connection for longer than it may is 503 as well
    expect(new Set([...(await Promise.all(flood)), await again])).not.toContain(200);
    issuer.introspection = (token) => issuer.verdictOn(token);
    expect(await statusOf(server.verify(`Bearer ${issuer.token('opaque')}`))).toBe(200);
  } finally {
    await issuer.close();
  }
});
