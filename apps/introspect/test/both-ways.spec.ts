import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { until } from '#libs/testing';
import { Running, SECRET } from './running.js';

const FORM = 'application/x-www-form-urlencoded';
/** Of Fastify, when a route of its own begins. */
const HANDLER = 'tracing:fastify.request.handler:start';

let running: Running;
let byFastify = 0;
const count = () => byFastify++;
beforeAll(async () => {
  running = await Running.start();
  subscribe(HANDLER, count);
}, 180_000);
afterAll(async () => {
  unsubscribe(HANDLER, count);
  await running?.close();
});

const basic = (id: string, secret = SECRET) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;

interface Asked {
  body: string | Uint8Array<ArrayBuffer>;
  authorization?: string;
  accept?: string;
}

async function ask({ body, authorization = basic('photos-api'), accept }: Asked, type: string) {
  const headers = { 'content-type': type, authorization, ...(accept ? { accept } : {}) };
  const before = byFastify;
  const response = await fetch(`${running.app.publicUrl}/introspect`, { method: 'POST', body, headers });
  const { date: _, 'x-request-id': id, ...told } = Object.fromEntries(response.headers);
  const text = accept ? '' : await response.text();
  return { answer: { status: response.status, told, text, hasId: /^[\w-]{36}$/.test(id ?? '') }, byFastify: byFastify > before };
}

const shortly = (asked: Asked) => ask(asked, FORM);
/** A spelling of the same type that nobody writes. */
const atLength = (asked: Asked) => ask(asked, `${FORM};charset="utf-8"`);
const token = (value: string) => ({ body: `token=${encodeURIComponent(value)}` });

/** The view of a stalled machine is not fresh for a moment. */
const settled = (asked: Asked) =>
  until(
    async () => {
      const [short, long] = [await shortly(asked), await atLength(asked)];
      return short.answer.status !== 503 && long.answer.status !== 503 && { short, long };
    },
    { timeoutMs: 20_000, what: 'an answer of both' },
  );

it.each<[string, () => Asked]>([
  ['an opaque token', () => token(running.opaque(running.claims()))],
  ['a JWT', () => token(running.jwt(running.claims()))],
  ['an expired one', () => token(running.opaque(running.claims({ exp: 1 })))],
  ['one for somebody else', () => token(running.opaque(running.claims({ aud: 'https://other.example' })))],
  ['nonsense', () => token('nonsense')],
  [
    'a token that is escaped throughout',
    () => ({ body: `token=${[...running.opaque(running.claims())].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')}` }),
  ],
])('answers the same both ways, and the short one is not Fastify’s: %s', async (_what, asking) => {
  const asked = asking();
  await settled(asked);
  const { short, long } = await settled(asked);
  expect(short.answer).toEqual(long.answer);
  expect([short.byFastify, long.byFastify]).toEqual([false, true]);
});

it.each<[string, () => Asked]>([
  ['no token', () => ({ body: 'token_type_hint=access_token' })],
  ['a token twice', () => ({ body: 'token=a&token=b' })],
  ['broken escapes', () => ({ body: 'token=%zz' })],
  ['no UTF-8', () => ({ body: Uint8Array.from([0x74, 0x3d, 0xff]) })],
  ['a wrong secret', () => ({ ...token('x'), authorization: basic('photos-api', 'wrong-secret-of-more-than-32-characters') })],
  ['two ways to authenticate at once', () => ({ body: `token=x&client_secret=${SECRET}` })],
  ['a refresh token that nobody made', () => token('lanyard_rt_x')],
])('leaves what is not as usual to the ordinary way: %s', async (_what, asking) => {
  const [short, long] = [await shortly(asking()), await atLength(asking())];
  expect(short.answer).toEqual(long.answer);
});

it('leaves a signed answer to the ordinary way', async () => {
  const asked = { ...token(running.opaque(running.claims())), accept: 'application/token-introspection+jwt' };
  await settled(asked);
  expect((await shortly(asked)).byFastify).toBe(true);
});
