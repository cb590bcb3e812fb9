import { type HttpApp } from '../src/index.js';
import { Doors, lines, start } from './doors.js';

/** Who may name a request: the id is in every log line, so a client's could carry its token there. */
let closed: HttpApp;
let proxied: HttpApp;
beforeAll(async () => {
  closed = await start('session', Doors);
  proxied = await start('session', Doors, undefined, undefined, { trustedProxies: ['127.0.0.0/8', '::1'] });
});
afterAll(() => Promise.all([closed?.close(), proxied?.close()]));

const SENT = 'lanyard_rt_shaped-like.a-request-id_';
async function idFor(base: string, sent = SENT): Promise<string | null> {
  const answer = await fetch(`${base}/health/live`, { headers: { 'x-request-id': sent } });
  return answer.headers.get('x-request-id');
}

it('a client that names its own request is not heard: neither the answer nor the log has what it sent', async () => {
  lines.length = 0;
  expect(await idFor(closed.publicUrl)).toMatch(/^[0-9a-f-]{36}$/);
  await fetch(`${closed.publicUrl}/fails`, { headers: { 'x-request-id': SENT } });
  expect(lines.filter((line) => line.includes('request failed'))).toHaveLength(1);
  expect(lines.join('')).not.toContain(SENT);
});

it('a trusted proxy’s id is kept, and so is another service’s', async () => {
  expect(await idFor(proxied.publicUrl)).toBe(SENT);
  expect(await idFor(closed.internalUrl)).toBe(SENT);
});

it.each(['a b"c', 'x'.repeat(65), '{}'])('an odd one is replaced, whoever sends it: %j', async (odd) => {
  expect(await idFor(proxied.publicUrl, odd)).toMatch(/^[0-9a-f-]{36}$/);
  expect(await idFor(closed.internalUrl, odd)).toMatch(/^[0-9a-f-]{36}$/);
});
