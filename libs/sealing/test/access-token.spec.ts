import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import * as jose from 'jose';
import { OPAQUE_PREFIX, openAccessToken } from '../src/open-access-token.js';
import { sealAccessToken } from '../src/seal-access-token.js';
import { sealingKey } from '../src/sealing-key.js';
import { SealingKeyring } from '../src/sealing-keyring.js';
import { anyClaims, CLAIMS } from './claims.fixture.js';

const bytes = randomBytes(32);
const key = sealingKey('seal-1', bytes, 'active');
const ring = new SealingKeyring([sealingKey('seal-0', randomBytes(32), 'retiring'), key]);
const header = { alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid: 'seal-1' };
const jweOf = (token: string) => token.slice(OPAQUE_PREFIX.length);

function byJose(claims: object, protectedHeader: jose.CompactJWEHeaderParameters = header, secret: Uint8Array = bytes): Promise<string> {
  return new jose.CompactEncrypt(Buffer.from(JSON.stringify(claims)))
    .setProtectedHeader(protectedHeader)
    .encrypt(secret)
    .then((jwe) => OPAQUE_PREFIX + jwe);
}

/** A token with any header at all, properly sealed under the right key: only the header can be why it is refused. */
function withHeader(text: string): string {
  const part = Buffer.from(text).toString('base64url');
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', bytes, nonce).setAAD(Buffer.from(part));
  const sealed = cipher.update(JSON.stringify(CLAIMS), 'utf8', 'base64url') + cipher.final('base64url');
  return `${OPAQUE_PREFIX}${part}..${nonce.toString('base64url')}.${sealed}.${cipher.getAuthTag().toString('base64url')}`;
}

describe('the standard', () => {
  it('jose opens whatever we seal', async () => {
    await fc.assert(
      fc.asyncProperty(anyClaims, async (claims) => {
        const { plaintext, protectedHeader } = await jose.compactDecrypt(jweOf(sealAccessToken(claims, key)), bytes);
        expect(JSON.parse(Buffer.from(plaintext).toString())).toEqual(JSON.parse(JSON.stringify(claims)));
        expect(protectedHeader).toEqual(header);
      }),
    );
  });

  it('we open whatever jose seals, in any order of the header', async () => {
    const orders = [header, { kid: 'seal-1', typ: 'at+jwt', enc: 'A256GCM', alg: 'dir' }];
    await fc.assert(
      fc.asyncProperty(anyClaims, fc.constantFrom(...orders), async (claims, protectedHeader) => {
        expect(openAccessToken(await byJose(claims, protectedHeader), ring)).toEqual({
          ...JSON.parse(JSON.stringify(claims)),
          kid: key.kid,
        });
      }),
    );
  });

  it('we open what we seal', () => {
    fc.assert(
      fc.property(anyClaims, (claims) =>
        expect(openAccessToken(sealAccessToken(claims, key), ring)).toEqual({ ...JSON.parse(JSON.stringify(claims)), kid: key.kid }),
      ),
    );
  });

  it('the same claims are never sealed to the same token', () => {
    const tokens = new Set(Array.from({ length: 1_000 }, () => sealAccessToken(CLAIMS, key)));
    expect(tokens.size).toBe(1_000);
  });
});

describe('refused', () => {
  const token = sealAccessToken(CLAIMS, key);

  it('every truncation, at both ends (Zitadel CVE-2026-27840)', () => {
    for (let at = 1; at < token.length; at++) {
      expect(openAccessToken(token.slice(0, at), ring)).toBeNull();
      expect(openAccessToken(token.slice(at), ring)).toBeNull();
    }
  });

  it('every single flipped bit', () => {
    for (let at = 0; at < token.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const altered = token.slice(0, at) + String.fromCharCode(token.charCodeAt(at) ^ (1 << bit)) + token.slice(at + 1);
        expect(openAccessToken(altered, ring)).toBeNull();
      }
    }
  });

  it('anything added: padding, white space, parts', () => {
    for (const wrong of [`${token}=`, `${token}A`, `${token}\n`, ` ${token}`, `${token}.`, `${token}.AAAA`])
      expect(openAccessToken(wrong, ring)).toBeNull();
    const [head, , ...rest] = token.split('.');
    expect(openAccessToken([head, 'AAAA', ...rest].join('.'), ring)).toBeNull();
  });

  it('another key, another key’s id, an unknown key', async () => {
    expect(openAccessToken(sealAccessToken(CLAIMS, sealingKey('seal-1', randomBytes(32), 'active')), ring)).toBeNull();
    expect(openAccessToken(sealAccessToken(CLAIMS, sealingKey('seal-0', bytes, 'active')), ring)).toBeNull();
    expect(openAccessToken(sealAccessToken(CLAIMS, sealingKey('seal-9', bytes, 'active')), ring)).toBeNull();
  });

  it.each([
    ['alg none', { ...header, alg: 'none' }],
    ['alg A256KW', { ...header, alg: 'A256KW' }],
    ['alg A256GCMKW', { ...header, alg: 'A256GCMKW' }],
    ['alg RSA-OAEP', { ...header, alg: 'RSA-OAEP' }],
    ['alg PBES2 with a million rounds', { ...header, alg: 'PBES2-HS256+A128KW', p2c: 1_000_000, p2s: 'AAAA' }],
    ['enc A128GCM', { ...header, enc: 'A128GCM' }],
    ['enc A256CBC-HS512', { ...header, enc: 'A256CBC-HS512' }],
    ['no enc', { alg: 'dir', typ: 'at+jwt', kid: 'seal-1' }],
    ['zip', { ...header, zip: 'DEF' }],
    ['crit', { ...header, crit: ['exp'] }],
    ['another typ', { ...header, typ: 'JWT' }],
    ['no typ', { alg: 'dir', enc: 'A256GCM', kid: 'seal-1' }],
    ['no kid', { alg: 'dir', enc: 'A256GCM', typ: 'at+jwt' }],
    ['a kid that is a number', { ...header, kid: 1 }],
    ['a kid of the prototype', { ...header, kid: '__proto__' }],
    ['an embedded key', { ...header, jwk: { kty: 'oct', k: 'AAAA' } }],
  ])('a rightly sealed token whose header has %s', (_, wrong) => {
    expect(openAccessToken(withHeader(JSON.stringify(wrong)), ring)).toBeNull();
  });

  it.each(['', 'null', '[]', '"dir"', '{', '\u0000'])('a header that is %j', (text) =>
    expect(openAccessToken(withHeader(text), ring)).toBeNull(),
  );

  it('the missing or wrong prefix', () => {
    for (const prefix of ['', 'lanyard_rt_', 'lanyard_ac_', 'LANYARD_AT_', 'lanyard_at'])
      expect(openAccessToken(prefix + jweOf(token), ring)).toBeNull();
  });

  it('a header of 1 MB and a token of 16 MB, without being parsed', () => {
    const padded = JSON.stringify({ ...header, pad: 'x'.repeat(1_000_000) });
    expect(openAccessToken(withHeader(padded), ring)).toBeNull();
    const [head, empty, nonce, , tag] = token.split('.');
    expect(openAccessToken([head, empty, nonce, 'A'.repeat(16_000_000), tag].join('.'), ring)).toBeNull();
  });

  it('a shortened tag (GCM would take four bytes)', () => {
    const parts = token.split('.');
    for (const length of [0, 6, 11, 16])
      expect(openAccessToken([...parts.slice(0, 4), parts[4]?.slice(0, length)].join('.'), ring)).toBeNull();
  });

  it.each([
    ['no jti', { jti: undefined }],
    ['no generations', { gen: undefined }],
    ['one generation', { gen: [1] }],
    ['generations of text', { gen: ['1', '1'] }],
    ['an exp of text', { exp: '9999999999' }],
    ['an aud of numbers', { aud: [1] }],
    ['a sid that is a list', { sid: ['a'] }],
  ])('sealed claims of another shape: %s', async (_, wrong) => {
    expect(openAccessToken(await byJose({ ...CLAIMS, ...wrong }), ring)).toBeNull();
  });

  it('any text at all, without an exception', () => {
    const part = fc.base64String().map((text) => text.replaceAll(/[+/=]/g, 'A'));
    const shaped = fc
      .tuple(fc.constantFrom(key.header, 'e30', ''), fc.constantFrom('', 'AAAA'), part, part, part)
      .map((parts) => parts.join('.'));
    const anything = fc.oneof(fc.string({ unit: 'binary' }), shaped);
    fc.assert(
      fc.property(anything, (text) => expect(openAccessToken(OPAQUE_PREFIX + text, ring)).toBeNull()),
      { numRuns: 2_000 },
    );
  });
});

it('claims too large for any reader are refused when sealing, not when read', () => {
  expect(() => sealAccessToken({ ...CLAIMS, scope: 'x'.repeat(20_000) }, key)).toThrow('its claims are too large');
});
