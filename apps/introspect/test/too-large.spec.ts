import { once } from 'node:events';
import { connect } from 'node:net';
import { until } from '#libs/testing';
import { Running, SECRET } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await Running.start();
}, 120_000);
afterAll(() => running?.close());

const MB = 1024 * 1024;
/** Of the event loop, in which the server, which is in this process, has read a piece, and its answer has been read. */
const TURNS = 5;
const PIECE = Buffer.alloc(64 * 1024, 'A');
const basic = `Basic ${Buffer.from(`photos-api:${SECRET}`).toString('base64')}`;
const form = [`authorization: ${basic}`, 'content-type: application/x-www-form-urlencoded'];

interface Refused {
  readonly status: number;
  readonly sent: number;
}

/** Sends `head` and then pieces up to `bytes` as fast as they are taken, until there is an answer or nobody listens any more. */
async function send(head: string, bytes: number, piece: (part: Buffer) => Buffer = (part) => part): Promise<Refused> {
  const { hostname, port } = new URL(running.app.publicUrl);
  const socket = connect(Number(port), hostname);
  let answer = '';
  let closed = false;
  socket.on('data', (part) => (answer += part.toString('latin1')));
  socket.on('error', () => (closed = true));
  socket.on('close', () => (closed = true));
  await once(socket, 'connect');
  socket.write(head);
  let sent = 0;
  for (; sent < bytes && !closed && answer === ''; sent += PIECE.length) {
    if (!socket.write(piece(PIECE))) await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => undefined);
    // A write that fails would throw away an answer that is there and not read yet.
    for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  await until(() => answer.includes('\r\n\r\n') || closed, { what: 'an answer' });
  socket.destroy();
  return { status: Number(answer.split(' ')[1] ?? 0), sent };
}

const head = (start: string, lines: string[], end = '\r\n\r\n') => `${[start, 'host: introspect', ...lines].join('\r\n')}${end}`;
const chunk = (part: Buffer) => Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]);
const stillAnswers = async () => {
  const body = new URLSearchParams({ token: running.opaque(running.claims()) });
  const ask = () => fetch(`${running.app.publicUrl}/introspect`, { method: 'POST', body, headers: { authorization: basic } });
  await until(async () => ((await (await ask()).json()) as { active: boolean }).active, { what: 'an active token' });
};

it.each([
  ['of 1 MB, all of it the token’s header', `token=lanyard_at_`, MB],
  ['of 16 MB', 'token=', 16 * MB],
])('a body %s is 413 before it is read', async (_what, start, bytes) => {
  const announced = `content-length: ${start.length + bytes}`;
  const { status, sent } = await send(head('POST /introspect HTTP/1.1', [...form, announced]) + start, bytes);
  expect(status).toBe(413);
  expect(sent).toBeLessThan(bytes);
  await stillAnswers();
});

it.each([
  ['/introspect', 'POST /introspect HTTP/1.1'],
  ['/authz', 'GET /authz HTTP/1.1'],
])('a request header of 1 MB at %s is 431', async (_path, start) => {
  expect((await send(head(start, [], '\r\nauthorization: Bearer lanyard_at_'), MB)).status).toBe(431);
  await stillAnswers();
});

it('bodies that don’t say that they are of 16 MB are cut at the limit: of twenty at once next to nothing is kept', async () => {
  await stillAnswers();
  const before = process.memoryUsage().rss;
  let most = 0;
  const sampled = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 5);
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => send(head('POST /introspect HTTP/1.1', [...form, 'transfer-encoding: chunked']), 16 * MB, chunk)),
  );
  clearInterval(sampled);
  for (const { status, sent } of answers) {
    // 0: with so many at once the connection's end may overtake the answer
    expect([413, 0]).toContain(status);
    expect(sent).toBeLessThan(2 * MB);
  }
  // 320 MB were on offer
  expect(most - before).toBeLessThan(100 * MB);
  await stillAnswers();
});
