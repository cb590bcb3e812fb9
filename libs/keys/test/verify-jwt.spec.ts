import { createHmac, createPrivateKey, randomBytes, sign } from 'node:crypto';
import fc from 'fast-check';
import * as jose from 'jose';
import { SIGNING_ALGS, type SigningAlg } from '../src/algorithms.js';
import { KeySet } from '../src/key-set.js';
import { signJwt } from '../src/sign-jwt.js';
import { exportPrivateKey, generateSigningKey, importSigningKey, type SigningKey } from '../src/signing-key.js';
import { verifyJwt } from '../src/verify-jwt.js';

const claims = { iss: 'https://as.example', sub: 'jane', name: 'Jañe ✓' };
const keys = {} as Record<SigningAlg, SigningKey>;
let set: KeySet;

beforeAll(async () => {
  for (const alg of SIGNING_ALGS) keys[alg] = await generateSigningKey(alg);
  set = new KeySet({ keys: SIGNING_ALGS.map((alg) => keys[alg].publicJwk) });
});

const verify = (jwt: string, typ: string | undefined = 'at+jwt') =>
  verifyJwt(jwt, { keys: set, algs: SIGNING_ALGS, ...(typ ? { typ } : {}) });
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe.each(SIGNING_ALGS)('%s', (alg) => {
  it('what we sign, jose verifies, and the kid is the RFC 7638 thumbprint jose computes', async () => {
    const jwt = signJwt(keys[alg], { typ: 'at+jwt' }, claims);
    const { payload, protectedHeader } = await jose.jwtVerify(jwt, await jose.importJWK(keys[alg].publicJwk, alg), { typ: 'at+jwt' });
    expect(payload).toEqual(claims);
    expect(protectedHeader).toEqual({ alg, kid: keys[alg].kid, typ: 'at+jwt' });
    expect(await jose.calculateJwkThumbprint(keys[alg].publicJwk)).toBe(keys[alg].kid);
  });

  it('what jose signs, we verify', async () => {
    const jwt = await new jose.SignJWT(claims).setProtectedHeader({ alg, kid: keys[alg].kid, typ: 'at+jwt' }).sign(keys[alg].privateKey);
    expect(verify(jwt)?.claims).toEqual(claims);
  });

  it('survives its way through PKCS #8', () => {
    const again = importSigningKey(alg, exportPrivateKey(keys[alg]));
    expect(again.kid).toBe(keys[alg].kid);
    expect(verify(signJwt(again, { typ: 'at+jwt' }, claims))?.claims).toEqual(claims);
  });

  it('every flipped bit is refused', () => {
    const jwt = signJwt(keys[alg], { typ: 'at+jwt' }, claims);
    fc.assert(
      fc.property(fc.nat(jwt.length - 1), fc.integer({ min: 0, max: 6 }), (at, bit) => {
        const altered = jwt.slice(0, at) + String.fromCharCode(jwt.charCodeAt(at) ^ (1 << bit)) + jwt.slice(at + 1);
        expect(verify(altered)).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  it('every truncation is refused', () => {
    const jwt = signJwt(keys[alg], { typ: 'at+jwt' }, claims);
    for (let length = 0; length < jwt.length; length++) expect(verify(jwt.slice(0, length))).toBeNull();
  });
});

describe('algorithm confusion', () => {
  const unsigned = (alg: string) => `${encode({ alg, typ: 'at+jwt', kid: keys.ES256.kid })}.${encode(claims)}`;

  it.each(['none', 'None', 'NONE', 'nOnE', ''])('alg %j is refused, with and without a signature', (alg) => {
    expect(verify(`${unsigned(alg)}.`)).toBeNull();
    expect(verify(`${unsigned(alg)}.AAAA`)).toBeNull();
    expect(verify(unsigned(alg))).toBeNull();
  });

  it('an HMAC with the public key as its secret is refused (CVE-2026-11800)', () => {
    const input = `${encode({ alg: 'HS256', typ: 'at+jwt', kid: keys.RS256.kid })}.${encode(claims)}`;
    for (const secret of [JSON.stringify(keys.RS256.publicJwk), createPrivateKeyPem(keys.RS256)]) {
      expect(verify(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`)).toBeNull();
    }
  });

  it('a key for one algorithm does not verify another of its kind: PS256 by the RS256 key', async () => {
    const jwt = await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'PS256', kid: keys.RS256.kid, typ: 'at+jwt' })
      .sign(keys.RS256.privateKey);
    expect(verify(jwt)).toBeNull();
  });

  it('an algorithm that the verifier does not expect is refused, however good the signature', () => {
    const jwt = signJwt(keys.RS256, { typ: 'at+jwt' }, claims);
    expect(verifyJwt(jwt, { keys: set, algs: ['ES256'], typ: 'at+jwt' })).toBeNull();
  });

  it('a DER-encoded ECDSA signature is refused: one signature has one spelling', () => {
    const input = `${encode({ alg: 'ES256', typ: 'at+jwt', kid: keys.ES256.kid })}.${encode(claims)}`;
    expect(verify(`${input}.${sign('sha256', Buffer.from(input), keys.ES256.privateKey).toString('base64url')}`)).toBeNull();
  });

  it('keys inside the token are not looked at: jwk, jku, x5c', async () => {
    const stranger = await generateSigningKey('ES256');
    const header = { alg: 'ES256' as const, typ: 'at+jwt', kid: stranger.kid, jwk: stranger.publicJwk, jku: 'https://evil.example/jwks' };
    const jwt = await new jose.SignJWT(claims).setProtectedHeader(header).sign(stranger.privateKey);
    expect(verify(jwt)).toBeNull();
  });

  it('a known kid with a stranger’s signature is refused', async () => {
    const stranger = await generateSigningKey('ES256');
    const jwt = await new jose.SignJWT(claims)
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: keys.ES256.kid })
      .sign(stranger.privateKey);
    expect(verify(jwt)).toBeNull();
  });
});

describe('the type of a token', () => {
  it.each(['logout+jwt', 'secevent+jwt', 'JWT', 'at+jwtx', ''])('typ %j is no access token (CVE-2023-0657)', (typ) => {
    expect(verify(signJwt(keys.ES256, { typ }, claims))).toBeNull();
  });

  it('without an expected type only an untyped JWT passes', () => {
    const plain = { keys: set, algs: SIGNING_ALGS };
    expect(verifyJwt(signJwt(keys.ES256, { typ: 'JWT' }, claims), plain)).not.toBeNull();
    expect(verifyJwt(signJwt(keys.ES256, { typ: 'at+jwt' }, claims), plain)).toBeNull();
    expect(verifyJwt(signJwt(keys.ES256, { typ: 'logout+jwt' }, claims), plain)).toBeNull();
  });

  it('a media type compares without case and with application/ implied (RFC 7515 §4.1.9)', () => {
    expect(verify(signJwt(keys.ES256, { typ: 'application/AT+jwt' }, claims))).not.toBeNull();
  });
});

describe('form', () => {
  const good = () => signJwt(keys.ES256, { typ: 'at+jwt' }, claims);
  const withHeader = (header: object) => {
    const input = `${encode(header)}.${encode(claims)}`;
    return `${input}.${sign('sha256', Buffer.from(input), { key: keys.ES256.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };

  it('extensions that must be understood are refused: crit, b64 (RFC 7515 §4.1.11, RFC 7797)', () => {
    const header = { alg: 'ES256', typ: 'at+jwt', kid: keys.ES256.kid };
    expect(verify(withHeader(header))).not.toBeNull();
    expect(verify(withHeader({ ...header, crit: ['exp'] }))).toBeNull();
    expect(verify(withHeader({ ...header, b64: false, crit: ['b64'] }))).toBeNull();
  });

  it.each([
    ['a kid that is a number', { kid: 7 }],
    ['a kid as long as a book', { kid: 'k'.repeat(1_000) }],
    ['an empty kid', { kid: '' }],
    ['a typ that is a list', { typ: ['at+jwt'] }],
  ])('%s is refused', (_, wrong) => {
    expect(verify(withHeader({ alg: 'ES256', typ: 'at+jwt', kid: keys.ES256.kid, ...wrong }))).toBeNull();
  });

  it('a header of 1 MB and a body of 16 MB are refused without being parsed', () => {
    expect(verify(`${'A'.repeat(1_000_000)}.AAAA.AAAA`)).toBeNull();
    expect(verify(`${good().split('.')[0]}.${'A'.repeat(16_000_000)}.AAAA`)).toBeNull();
  });

  it('padding, line breaks, and extra parts are refused', () => {
    for (const wrong of [`${good()}=`, `${good()}\n`, ` ${good()}`, `${good()}.`, `${good()}.AAAA`]) expect(verify(wrong)).toBeNull();
  });

  it('any text at all is refused without an exception', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => expect(verify(text)).toBeNull()));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.base64String(), (header, body, tail) => {
        expect(verify(`${encode(header)}.${encode(body)}.${tail}`)).toBeNull();
      }),
    );
  });
});

describe('a key set', () => {
  it('ignores what can’t verify: symmetric, encryption, weak RSA, garbage (RFC 7517 §5)', async () => {
    const weak = await jose.generateKeyPair('RS256', { modulusLength: 2048, extractable: true });
    const jwk = await jose.exportJWK(weak.publicKey);
    const odd = [
      { kty: 'oct', k: randomBytes(32).toString('base64url'), kid: 'a' },
      { ...jwk, use: 'enc', kid: 'b' },
      { ...jwk, n: randomBytes(64).toString('base64url'), kid: 'c' },
      { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', kid: 'd' },
      { ...jwk, alg: 'HS256', kid: 'e' },
      { ...jwk, key_ops: ['encrypt'], kid: 'f' },
      {},
    ];
    expect(new KeySet({ keys: odd }).size).toBe(0);
  });

  it('a token without kid is tried with the keys of its algorithm only', async () => {
    const jwt = await new jose.SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' }).sign(keys.ES256.privateKey);
    expect(verify(jwt)?.claims).toEqual(claims);
  });
});

function createPrivateKeyPem(key: SigningKey): string {
  return createPrivateKey({ key: exportPrivateKey(key), format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString();
}
