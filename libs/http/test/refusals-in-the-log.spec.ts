import { type HttpApp } from '../src/index.js';
import { Doors, lines, raw, start } from './doors.js';

/** What the framework refuses before any handler: its messages repeat what was sent, which may be a secret in the wrong place. */
let http: HttpApp;
beforeAll(async () => {
  http = await start('session', Doors);
});
afterAll(() => http?.close());

const SENT = 'lanyard_rt_in-the-wrong-place';
const form = (headers: Record<string, string>, body: string) => fetch(`${http.publicUrl}/form`, { method: 'POST', headers, body });

const REFUSED: [string, number, string, () => Promise<{ status: number }>][] = [
  ['a URL that can’t be decoded', 400, 'FST_ERR_BAD_URL', () => raw(http.publicUrl, `/%zz${SENT}`)],
  ['a media type that nobody reads', 400, 'Unsupported Media Type', () => form({ 'content-type': SENT }, SENT)],
  [
    'a body that is too large',
    413,
    'Request body is too large',
    () => form({ 'content-type': 'application/x-www-form-urlencoded' }, `a=${SENT}${'x'.repeat(70_000)}`),
  ],
];

it.each(REFUSED)('%s is logged for what it is and not by what was sent', async (_what, status, reason, ask) => {
  lines.length = 0;
  expect((await ask()).status).toBe(status);
  expect(lines.join('')).toContain(reason);
  expect(lines.join('')).not.toContain(SENT);
});
