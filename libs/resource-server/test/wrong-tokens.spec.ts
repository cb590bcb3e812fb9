import { createHmac, createPublicKey, sign } from 'node:crypto';
import { generateSigningKey, type SigningKey, signJwt } from '#libs/keys';
import { listening } from './fake-feed.js';
import { FakeIssuer } from './fake-issuer.js';
import { refusalOf, statusOf } from './refusal-of.js';

/** RFC 6750 §3.1; and nothing of why, which is for the log. */
const INVALID =
  'Bearer realm="photos", error="invalid_token", error_description="The access token is malformed, expired, revoked, or not for this API", scope="photos:read"';
const NEEDS = { scopes: ['photos:read'] };

let issuer: FakeIssuer;
let server: Awaited<ReturnType<FakeIssuer['fresh']>>;
let stranger: SigningKey;
/** Where the stranger's key can be had. */
let elsewhere: Awaited<ReturnType<typeof listening>>;
let toldElsewhere = 0;
beforeAll(async () => {
  issuer = await FakeIssuer.start();
  stranger = await generateSigningKey('ES256');
  elsewhere = await listening((_request, response) => {
    toldElsewhere++;
    response.end(JSON.stringify({ keys: [stranger.publicJwk] }));
  });
  server = await issuer.fresh({ realm: 'photos' });
});
afterAll(async () => {
  await elsewhere?.close();
  await issuer?.close();
});

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const parts = (token: string) => token.split('.') as [string, string, string];
const now = () => Math.floor(Date.now() / 1_000);
const ours = () => ({ alg: 'ES256', typ: 'at+jwt', kid: issuer.signing.kid });
/** A good ES256 signature over just this header: what refuses it is the header, not the signature. */
const signed = (header: object, { privateKey } = issuer.signing) => {
  const input = `${base64(header)}.${base64(issuer.claimsOf())}`;
  return `${input}.${sign('sha256', Buffer.from(input), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
};
/** What everybody can make who takes our public key, as it is published, for a secret. */
const macked = (secret: string) => {
  const input = `${base64({ ...ours(), alg: 'HS256' })}.${base64(issuer.claimsOf())}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
};
const publicPem = () =>
  createPublicKey({ key: issuer.signing.publicJwk, format: 'jwk' }).export({ type: 'spki', format: 'pem' }).toString();

it('a JWT that is signed here is good: what the others are refused for is what their names say', async () => {
  expect(await statusOf(server.verify(`Bearer ${signed(ours())}`, NEEDS))).toBe(200);
  expect(await statusOf(server.verify(`Bearer ${signed({ ...ours(), x: 'x'.repeat(1_000) })}`, NEEDS))).toBe(200);
});

describe.each<[string, () => string]>([
  ['truncated by one character', () => issuer.jwt().slice(0, -1)],
  ['truncated to its claims', () => issuer.jwt().split('.').slice(0, 2).join('.')],
  [
    'of a changed claim',
    () =>
      parts(issuer.jwt())
        .map((part, n) => (n === 1 ? base64(issuer.claimsOf({ scope: 'admin' })) : part))
        .join('.'),
  ],
  ['of another issuer', () => issuer.jwt(issuer.claimsOf({ iss: 'https://elsewhere.example' }))],
  ['of our issuer and a slash', () => issuer.jwt(issuer.claimsOf({ iss: `${issuer.url}/` }))],
  ['by a key that is nobody’s', () => issuer.jwt(issuer.claimsOf(), { key: stranger })],
  ['by another key under our key’s name', () => issuer.jwt(issuer.claimsOf(), { key: { ...stranger, kid: issuer.signing.kid } })],
  ['without a key’s name', () => signed({ alg: 'ES256', typ: 'at+jwt' })],
  ['of an empty key’s name', () => signed({ ...ours(), kid: '' })],
  ['without a type', () => signed({ alg: 'ES256', kid: issuer.signing.kid })],
  ['alg none', () => `${base64({ ...ours(), alg: 'none' })}.${base64(issuer.claimsOf())}.`],
  ['alg none, with a signature', () => signed({ ...ours(), alg: 'none' })],
  ['of another algorithm than its key’s', () => signed({ ...ours(), alg: 'EdDSA' })],
  ['alg HS256, by the public key as PEM', () => macked(publicPem())],
  ['alg HS256, by the public key as JWK', () => macked(JSON.stringify(issuer.signing.publicJwk))],
  ['that brings its key', () => signed({ ...ours(), jwk: stranger.publicJwk }, stranger)],
  ['that brings its key, and its name', () => signed({ ...ours(), jwk: stranger.publicJwk, kid: stranger.kid }, stranger)],
  ['that names where its key is', () => signed({ ...ours(), jku: `${elsewhere.origin}/jwks` }, stranger)],
  ['that names its key and where it is', () => signed({ ...ours(), jku: `${elsewhere.origin}/jwks`, kid: stranger.kid }, stranger)],
  ['with an extension that must be understood', () => signed({ ...ours(), crit: ['exp'] })],
  ['that says its claims are not encoded', () => signed({ ...ours(), b64: false, crit: ['b64'] })],
  ['that is an ID token', () => issuer.jwt(issuer.claimsOf(), { typ: 'JWT' })],
  ['that is a logout token', () => issuer.jwt(issuer.claimsOf(), { typ: 'logout+jwt' })],
  ['expired', () => issuer.jwt(issuer.claimsOf({ exp: now() - 1 }))],
  ['without an end', () => issuer.jwt(issuer.claimsOf({ exp: undefined }))],
  ['of an end that is no number', () => issuer.jwt(issuer.claimsOf({ exp: '9999999999' }))],
  ['not valid yet', () => issuer.jwt(issuer.claimsOf({ nbf: now() + 60 }))],
  ['for another audience', () => issuer.jwt(issuer.claimsOf({ aud: 'https://prints.example/api' }))],
  ['for an audience that begins like ours', () => issuer.jwt(issuer.claimsOf({ aud: 'https://photos.example/api/v2' }))],
  ['for no audience', () => issuer.jwt(issuer.claimsOf({ aud: [] }))],
  ['bound to a DPoP key', () => issuer.jwt(issuer.claimsOf({ cnf: { jkt: 'x' } }))],
  ['bound to a certificate', () => issuer.jwt(issuer.claimsOf({ cnf: { 'x5t#S256': 'x' } }))],
  ['without generations', () => issuer.jwt(issuer.claimsOf({ gen: undefined }))],
  ['of generations that are no numbers', () => issuer.jwt(issuer.claimsOf({ gen: ['9', '9'] }))],
  ['without an id', () => issuer.jwt(issuer.claimsOf({ jti: undefined }))],
  ['whose claims are a list', () => signJwt(issuer.signing, { typ: 'at+jwt' }, [] as unknown as Record<string, unknown>)],
  ['with a header of 10 kB', () => signed({ ...ours(), x: 'x'.repeat(10_000) })],
])('a JWT %s', (_what, token) => {
  it('is refused, without a question to anybody', async () => {
    const [asked, readings] = [issuer.asked.length, issuer.jwksReadings];
    const { status, headers } = await refusalOf(server.verify(`Bearer ${token()}`, NEEDS));
    expect([status, headers['www-authenticate']]).toEqual([401, INVALID]);
    expect([issuer.asked.length - asked, toldElsewhere]).toEqual([0, 0]);
    expect(issuer.jwksReadings - readings).toBeLessThanOrEqual(1);
  });
});

describe.each<[string, () => string, number]>([
  ['truncated', () => issuer.opaque().slice(0, -1), 1],
  ['that the server does not know', () => `lanyard_at_${issuer.sealing.header}..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`, 1],
  ['for another audience', () => issuer.opaque(issuer.claimsOf({ aud: 'https://prints.example/api' })), 1],
  ['of another issuer', () => issuer.opaque(issuer.claimsOf({ iss: 'https://elsewhere.example' })), 1],
  ['bound to a key', () => issuer.opaque(issuer.claimsOf({ cnf: { jkt: 'x' }, token_type: 'DPoP' })), 1],
  ['whose type is DPoP', () => issuer.opaque(issuer.claimsOf({ token_type: 'DPoP' })), 1],
  ['expired, though the server says otherwise', () => issuer.opaque(issuer.claimsOf({ exp: now() - 1 })), 1],
  ['without a header', () => 'lanyard_at_', 0],
  ['with a header that is none', () => 'lanyard_at_e30..A.A.A', 0],
  ['with a header of 15 kB', () => `lanyard_at_${base64({ kid: 'x'.repeat(11_000) })}..A.A.A`, 0],
  ['with a header of 1 MB', () => `lanyard_at_${base64({ kid: 'x'.repeat(1_000_000) })}..A.A.A`, 0],
  ['of 16 MB', () => `lanyard_at_${issuer.sealing.header}..${'A'.repeat(16 * 1024 * 1024)}`, 0],
  ['of a key’s name that is no name', () => `lanyard_at_${base64({ kid: 7 })}..A.A.A`, 0],
])('an opaque token %s', (_what, token, questions) => {
  it('is refused', async () => {
    const before = issuer.asked.length;
    const { status, headers } = await refusalOf(server.verify(`Bearer ${token()}`, NEEDS));
    expect([status, headers['www-authenticate']]).toEqual([401, INVALID]);
    expect(issuer.asked.length - before).toBe(questions);
  });
});

describe.each<[string, string | undefined, number, string]>([
  ['nothing', undefined, 401, 'Bearer realm="photos", scope="photos:read"'],
  ['an empty header', '', 401, 'Bearer realm="photos", scope="photos:read"'],
  ['another scheme', 'Basic eDp5', 401, 'Bearer realm="photos", scope="photos:read"'],
  ['a scheme that only begins like ours', 'Bearerx abc', 401, 'Bearer realm="photos", scope="photos:read"'],
  ['a DPoP-bound token', 'DPoP lanyard_at_x', 401, INVALID],
  ['a refresh token', 'Bearer lanyard_rt_abc', 401, INVALID],
  ['a code', 'Bearer lanyard_ac_abc', 401, INVALID],
  ['one word', 'Bearer abc', 401, INVALID],
  ['100 kB', `Bearer ${'x'.repeat(100_000)}`, 401, INVALID],
  ['two words', 'Bearer a b', 400, 'invalid_request'],
  ['two tokens', 'Bearer a, Bearer b', 400, 'invalid_request'],
  ['no word', 'Bearer', 400, 'invalid_request'],
  ['spaces', 'Bearer    ', 400, 'invalid_request'],
  ['a line break', 'Bearer a\r\nb', 400, 'invalid_request'],
  ['a character that no token has', 'Bearer tökén', 400, 'invalid_request'],
])('an Authorization header of %s', (_what, header, status, challenge) => {
  it('is answered as RFC 6750 says, without a question to anybody', async () => {
    const before = issuer.asked.length;
    const refusal = await refusalOf(server.verify(header, NEEDS));
    expect(refusal.status).toBe(status);
    expect(refusal.headers['www-authenticate']).toContain(challenge);
    if (status === 401) expect(refusal.headers['www-authenticate']).toBe(challenge);
    expect(issuer.asked.length).toBe(before);
  });
});

it('a token that is asked about is not told anything by a server that lost its mind', async () => {
  const token = issuer.opaque();
  const deep = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
  const answers: [string, number][] = [
    ['{"active":"true"}', 401],
    ['{"active":1}', 401],
    ['{"active":true}', 503],
    [`{"active":true,"sub":"u","more":${deep}}`, 503],
    ['null', 503],
    ['"active"', 503],
    [`{"active":true,"x":"${'x'.repeat(2_000_000)}"}`, 503],
  ];
  for (const [body, status] of answers) {
    issuer.introspection = () => ({ status: 200, body });
    expect([body.slice(0, 40), await statusOf(server.verify(`Bearer ${token}`))]).toEqual([body.slice(0, 40), status]);
  }
  issuer.introspection = (asked) => issuer.verdictOn(asked);
  expect(await statusOf(server.verify(`Bearer ${token}`))).toBe(200);
});

it('the log is told why, and nothing of the token', async () => {
  const token = issuer.jwt(issuer.claimsOf({ aud: 'https://prints.example/api' }));
  const { message, body } = await refusalOf(server.verify(`Bearer ${token}`, NEEDS));
  expect(message).toBe('the token is for another audience');
  expect(body).toEqual({
    error: 'invalid_token',
    error_description: 'The access token is malformed, expired, revoked, or not for this API',
  });
});
