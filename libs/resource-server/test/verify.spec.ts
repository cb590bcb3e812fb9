import { until } from '#libs/testing';
import { AUDIENCE, FakeIssuer, LONG } from './fake-issuer.js';
import { refusalOf, statusOf } from './refusal-of.js';

let issuer: FakeIssuer;
beforeEach(async () => {
  issuer = await FakeIssuer.start();
});
afterEach(() => issuer.close());

const FORMS = ['jwt', 'opaque'] as const;

describe.each(FORMS)('a token (%s), while the copy is current', (form) => {
  it('is asked about once at most, however many requests come with it at the same time and later', async () => {
    const server = await issuer.fresh();
    const header = `Bearer ${issuer[form]()}`;
    const all = await Promise.all(Array.from({ length: 200 }, () => server.verify(header, { scopes: ['photos:read'] })));
    // remembered since: neither verified nor asked about again
    expect(all).toContain(await server.verify(header));
    expect(await server.verify(header)).toBe(await server.verify(header));
    expect(issuer.asked).toHaveLength(form === 'jwt' ? 0 : 1);
    expect(issuer.jwksReadings).toBe(form === 'jwt' ? 1 : 0);
  });

  it.each([
    ['session', 'sid'],
    ['grant', 'gid'],
    ['token', 'jti'],
  ] as const)('is refused once its %s has ended, whether it was known before or not', async (kind, handle) => {
    const server = await issuer.fresh();
    const [known, unknown] = [issuer.claimsOf(), issuer.claimsOf()];
    const header = `Bearer ${issuer[form](known)}`;
    await server.verify(header);
    issuer.feed.end(kind, String(known[handle]), String(unknown[handle]));
    await until(async () => (await statusOf(server.verify(header))) === 401, LONG);
    expect(await statusOf(server.verify(`Bearer ${issuer[form](unknown)}`))).toBe(401);
  });

  it('is refused once the key it came under was revoked, though it was known before', async () => {
    const server = await issuer.fresh();
    const header = `Bearer ${issuer[form]()}`;
    await server.verify(header);
    issuer.feed.end('key', form === 'jwt' ? issuer.signing.kid : issuer.sealing.kid);
    await until(async () => (await statusOf(server.verify(header))) === 401, LONG);
  });

  it('is refused when it has expired by the server’s clock, whatever ours says', async () => {
    issuer.feed.now = () => Date.now() + 3_600_000;
    const server = await issuer.fresh();
    const header = `Bearer ${issuer[form](issuer.claimsOf({ exp: Math.floor(issuer.feed.now() / 1_000) + 1 }))}`;
    await server.verify(header);
    await until(async () => (await statusOf(server.verify(header))) === 401, LONG);
  });

  it('is judged by what each request needs, and by nothing that another one needed', async () => {
    const server = await issuer.fresh();
    const header = `Bearer ${issuer[form]()}`;
    await server.verify(header, { scopes: ['photos:read'] });
    expect(await statusOf(server.verify(header, { scopes: ['photos:write'] }))).toBe(403);
    expect(await statusOf(server.verify(header, { subject: 'somebody' }))).toBe(401);
    expect(await statusOf(server.verify(header, { acr: '2' }))).toBe(401);
    expect(await statusOf(server.verify(header, { scopes: ['photos:read'] }))).toBe(200);
  });

  it('is accepted by no requirement that has lost its value: that is a bug of the API, whatever the token', async () => {
    const server = await issuer.fresh();
    const header = `Bearer ${issuer[form]()}`;
    await server.verify(header);
    for (const sent of [header, `${header}x`, undefined]) {
      for (const needs of [{ subject: undefined }, { scopes: undefined }, { maxAge: undefined }, { acr: undefined }])
        await expect(server.verify(sent, needs)).rejects.toThrow(TypeError);
    }
  });

  it('can not be written into by who was given it', async () => {
    const server = await issuer.fresh();
    const header = `Bearer ${issuer[form](issuer.claimsOf({ aud: [AUDIENCE, 'x'], more: { deep: [1] } }))}`;
    const token = await server.verify(header);
    for (const write of [
      () => Object.assign(token, { scope: 'photos:write' }),
      () => (token.aud as string[]).push('y'),
      () => (token.more as { deep: number[] }).deep.push(2),
    ])
      expect(write).toThrow(TypeError);
  });

  it('is killed on this host alone, known or not, in any spelling', async () => {
    const [server, other] = [await issuer.fresh(), await issuer.fresh()];
    const [known, unknown] = [issuer[form](), issuer[form]()];
    await server.verify(`Bearer ${known}`);
    for (const [token, given] of [
      [known, known],
      [unknown, ` Bearer ${unknown}\n`],
    ] as const) {
      server.kill(given);
      expect(await statusOf(server.verify(`Bearer ${token}`))).toBe(401);
      expect(await statusOf(server.verify(`bearer   ${token} `))).toBe(401);
      expect(await statusOf(other.verify(`Bearer ${token}`))).toBe(200);
    }
  });
});

it('a JWT that was killed stays so with the other signature that anybody can make of its own', async () => {
  const server = await issuer.fresh();
  const token = issuer.jwt();
  const [input, signature] = [token.slice(0, token.lastIndexOf('.')), Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url')];
  // ES256: (r, n - s) is as good as (r, s)
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = order - BigInt(`0x${signature.subarray(32).toString('hex')}`);
  const twin = `${input}.${Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]).toString('base64url')}`;
  expect(await statusOf(server.verify(`Bearer ${twin}`))).toBe(200);
  server.kill(token);
  expect(await statusOf(server.verify(`Bearer ${twin}`))).toBe(401);
});

it('a token that is killed while it is being asked about is refused', async () => {
  const server = await issuer.fresh();
  const token = issuer.opaque();
  const tell = issuer.hold();
  const verifying = server.verify(`Bearer ${token}`);
  await until(() => issuer.asked.length === 1, LONG);
  server.kill(token);
  tell();
  expect((await refusalOf(verifying)).status).toBe(401);
});

it('a session that ends while its token is being asked about: the answer of before is not believed', async () => {
  const server = await issuer.fresh();
  const claims = issuer.claimsOf();
  const token = issuer.opaque(claims);
  const tell = issuer.hold();
  const verifying = server.verify(`Bearer ${token}`);
  await until(() => issuer.asked.length === 1, LONG);
  const before = server.copy.size;
  issuer.feed.end('session', claims.sid);
  await until(() => server.copy.size > before, LONG);
  tell();
  expect((await refusalOf(verifying)).message).toBe('the token was revoked');
});

it('an option that can not be is said at once', async () => {
  for (const over of [
    { issuer: 'not a URL' },
    { audience: '' },
    { credentials: { clientId: 'x', clientSecret: '' } },
    { realm: 'a "quoted" one' },
    { ca: 'a file name' },
    { freshness: { boundMs: 499 } },
    { freshness: { boundMs: 30_001 } },
    { freshness: { boundMs: 1_000, probeEveryMs: 501 } },
    { freshness: { probeEveryMs: 0 } },
    { freshness: { otherwise: 'reject' as 'refuse' } },
  ])
    await expect(issuer.server(over)).rejects.toThrow(TypeError);
});

it('metadata of another issuer are refused', async () => {
  const other = issuer.url.replace('127.0.0.1', 'localhost');
  await expect(issuer.server({ issuer: other })).rejects.toThrow('is not the metadata of');
});
