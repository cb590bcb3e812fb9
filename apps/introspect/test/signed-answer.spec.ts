import { decodeJwt } from 'jose';
import { ViewService } from '#libs/revocation-host';
import { until } from '#libs/testing';
import { wantsSigned } from '../src/introspection/signed-answer.js';
import { PHOTOS, Running, SECRET } from './running.js';

/** RFC 9701. What the token service does with such a request is its own specs' matter; here: that it is asked once, for what, and what follows. */
const TYPE = 'application/token-introspection+jwt';
let running: Running;
const asked: { purpose: string; alg: string | null; claims: Record<string, unknown> }[] = [];

beforeAll(async () => {
  running = await Running.start();
  const service = { application_type: 'service', grant_types: [], resource_server_for: [PHOTOS] };
  running.register('es256-api', { ...service, introspection_signed_response_alg: 'ES256' });
  running.register('odd-api', { ...service, introspection_signed_response_alg: 'ES512' });
  running.peers.sign = (request) => {
    asked.push(request);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'none' })}.${part(request.claims)}.`;
  };
}, 120_000);
afterAll(() => running?.close());
beforeEach(() => {
  asked.length = 0;
});
afterEach(() => {
  running.gates.releaseAll();
  running.peers.down = false;
});

async function introspect(token: string, { accept = TYPE, caller = 'photos-api' } = {}) {
  const authorization = `Basic ${Buffer.from(`${caller}:${SECRET}`).toString('base64')}`;
  const body = new URLSearchParams({ token });
  const response = await fetch(`${running.app.publicUrl}/introspect`, { method: 'POST', body, headers: { authorization, accept } });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

/** 503 says "ask again": a stalled machine's view is not fresh for a moment. */
const answered = (...args: Parameters<typeof introspect>) =>
  until(
    async () => {
      const answer = await introspect(...args);
      return answer.status !== 503 && answer;
    },
    { timeoutMs: 20_000, what: 'an answer' },
  );

it('is one call to sign, for the resource server that asks, with the whole answer in one member', async () => {
  const claims = running.claims();
  const { status, type, text } = await answered(running.opaque(claims));
  const { gen: _, ...told } = claims;
  expect({ status, type }).toEqual({ status: 200, type: TYPE });
  expect(decodeJwt(text)).toEqual({ aud: 'photos-api', token_introspection: { active: true, token_type: 'Bearer', ...told } });
  expect(asked.at(-1)).toMatchObject({ purpose: 'introspection_response', alg: null });
});

it('says of a token that is not for the caller that it is inactive, and nothing else', async () => {
  const { text } = await answered(running.opaque(running.claims({ aud: 'https://other.example' })));
  expect(decodeJwt(text)).toEqual({ aud: 'photos-api', token_introspection: { active: false } });
});

it('is signed as the resource server registered, and refused with an algorithm that is not built', async () => {
  await answered(running.opaque(running.claims()), { caller: 'es256-api' });
  expect(asked.at(-1)?.alg).toBe('ES256');
  const refused = await answered(running.opaque(running.claims()), { caller: 'odd-api' });
  expect(refused).toMatchObject({ status: 400, text: expect.stringContaining('unauthorized_client') as string });
});

it('is 503 while the token service can not sign', async () => {
  const token = running.opaque(running.claims());
  await answered(token);
  running.peers.down = true;
  expect(await introspect(token)).toMatchObject({ status: 503, type: 'application/json; charset=utf-8' });
});

it('is not sent when its session ended while it was being signed', async () => {
  const claims = running.claims();
  const token = running.opaque(claims);
  await answered(token);
  const place = running.gates.hold('introspect.before-send');
  const signed = introspect(token);
  await place.reached;
  await running.owners.revoke('session', { kind: 'session', id: claims.sid ?? '' });
  const { view } = running.app.app.get(ViewService, { strict: false });
  await until(() => view.isRevoked(claims), { timeoutMs: 20_000 });
  place.release();
  expect(await signed).toMatchObject({ status: 503, type: 'application/json; charset=utf-8' });
});

it.each([
  [TYPE, true],
  [`application/json, ${TYPE};q=0.5`, true],
  ['Application/Token-Introspection+JWT', true],
  [`${TYPE};q=0`, false],
  ['application/json', false],
  ['*/*', false],
  ['application/jwt', false],
])('Accept: %s asks for it: %s', (accept, wanted) => {
  expect(wantsSigned(accept)).toBe(wanted);
});
