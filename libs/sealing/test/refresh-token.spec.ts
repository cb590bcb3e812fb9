import { createSecretKey, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { REFRESH_PREFIX, type RefreshMacKey, refreshTokens } from '../src/refresh-token.js';

const macKey = (kid: string): RefreshMacKey => ({ kid, key: createSecretKey(randomBytes(32)) });
const keys = new Map([macKey('m1'), macKey('m2')].map((key) => [key.kid, key]));
const first = keys.get('m1') as RefreshMacKey;
const keyOf = (kid: string) => keys.get(kid);
const position = { gid: 'Vb8wqOQb1sQ2kqQ0i8pT2A', sid: 'p0pWl5Vdn6wYbq1mCjv2Yg', seq: 7 };

const anyPosition = fc.record({
  gid: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 22 }),
  sid: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 22 })),
  seq: fc.integer({ min: 0, max: 2 ** 48 - 1 }),
});

it('a position comes back as it was', () => {
  fc.assert(fc.property(anyPosition, (value) => expect(refreshTokens.decode(refreshTokens.encode(value, first), keyOf)).toEqual(value)));
});

it('the same position is the same token: what a client that lost the answer is given again', () => {
  expect(refreshTokens.encode(position, first)).toBe(refreshTokens.encode({ ...position }, first));
  expect(refreshTokens.encode(position, first)).not.toBe(refreshTokens.encode({ ...position, seq: 8 }, first));
});

it('two positions never share a token, whatever their fields hold', () => {
  fc.assert(
    fc.property(anyPosition, anyPosition, (one, other) => {
      const same = one.gid === other.gid && one.sid === other.sid && one.seq === other.seq;
      expect(refreshTokens.encode(one, first) === refreshTokens.encode(other, first)).toBe(same);
    }),
  );
});

it('tokens of an earlier key stay good; its id is readable before it is proven', () => {
  const token = refreshTokens.encode(position, keys.get('m2') as RefreshMacKey);
  expect(refreshTokens.kidOf(token)).toBe('m2');
  expect(refreshTokens.decode(token, keyOf)).toEqual(position);
});

describe('refused', () => {
  const token = refreshTokens.encode(position, first);
  const decode = (text: string) => refreshTokens.decode(text, keyOf);

  it('every truncation and every flipped bit', () => {
    for (let at = 0; at < token.length; at++) {
      expect(decode(token.slice(0, at))).toBeNull();
      for (let bit = 0; bit < 8; bit++) {
        expect(decode(token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << bit)) + token.slice(at + 1))).toBeNull();
      }
    }
  });

  it('an unknown key, another key’s MAC, a stranger’s token', () => {
    expect(decode(refreshTokens.encode(position, macKey('m9')))).toBeNull();
    expect(decode(refreshTokens.encode(position, { ...(keys.get('m2') as RefreshMacKey), kid: 'm1' }))).toBeNull();
  });

  it('another prefix, white space, padding, anything longer than we make', () => {
    const body = token.slice(REFRESH_PREFIX.length);
    for (const wrong of [
      body,
      `lanyard_at_${body}`,
      ` ${token}`,
      `${token}=`,
      `${token}\n`,
      `${token}AAAA`,
      REFRESH_PREFIX + 'A'.repeat(5_000_000),
    ]) {
      expect(decode(wrong)).toBeNull();
      expect(() => refreshTokens.kidOf(wrong)).not.toThrow();
    }
  });

  it('any text at all, without an exception', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.uint8Array().map((bytes) => Buffer.from([1, ...bytes]).toString('base64url')),
        ),
        (text) => expect(decode(REFRESH_PREFIX + text)).toBeNull(),
      ),
    );
  });
});

it.each([-1, 0.5, 2 ** 48, Number.NaN])('a sequence number of %s is never written', (seq) => {
  expect(() => refreshTokens.encode({ ...position, seq }, first)).toThrow(RangeError);
});
