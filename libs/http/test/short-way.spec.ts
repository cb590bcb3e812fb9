import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jsonBytes } from '../src/byte-string.js';
import type { Parameters } from '../src/forms/parameters.js';
import { type ShortAnswer, ShortWay } from '../src/short-way.js';

const FORM = 'application/x-www-form-urlencoded';
let open = true;
let answer: (form: Parameters) => ShortAnswer;
let server: Server;
/** What the ordinary way read of those that came to it. */
let ordinary: string[] = [];

beforeAll(async () => {
  const way = new ShortWay(
    { path: '/ask', answer: (_request, form) => answer(form) },
    { isOpen: () => open, requestIdOf: () => 'r', headers: ['cache-control', 'no-store'], answered: () => undefined },
  );
  server = createServer((asked, response) => {
    const other = () => {
      let text = '';
      asked.on('data', (part: Buffer) => (text += part.toString('latin1')));
      asked.on('end', () => {
        ordinary.push(text);
        response.writeHead(201).end();
      });
      asked.resume();
    };
    if (way.isFor(asked)) way.take(asked, response, other);
    else other();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
beforeEach(() => {
  open = true;
  ordinary = [];
  answer = (form) => jsonBytes({ token: form.get('token') });
});

interface Asked {
  path?: string;
  method?: string;
  headers?: Record<string, string | string[]>;
  parts: readonly (string | Buffer)[];
}

/** In pieces, each a write of its own. */
async function ask({ path = '/ask', method = 'POST', headers = {}, parts }: Asked) {
  const length = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const sent = request(
      { port, host: '127.0.0.1', path, method, headers: { 'content-type': FORM, 'content-length': String(length), ...headers } },
      resolve,
    );
    sent.on('error', reject);
    const [first = '', ...rest] = parts;
    sent.write(first, () => {
      for (const part of rest) sent.write(part);
      sent.end();
    });
  });
  let text = '';
  for await (const part of response) text += String(part);
  return { status: response.statusCode, text, id: response.headers['x-request-id'] };
}

it.each([
  ['whole', ['token=abc&hint=x']],
  ['in pieces', ['tok', 'en=a', 'bc']],
])('answers a form that comes %s', async (_how, parts) => {
  expect(await ask({ parts })).toEqual({ status: 200, text: '{"token":"abc"}', id: 'r' });
  expect(ordinary).toEqual([]);
});

it.each<[string, () => ShortAnswer]>([
  ['has no answer', () => null],
  ['finds one too late', async () => null],
  [
    'throws',
    () => {
      throw new Error('no');
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error('no');
    },
  ],
])('leaves every byte to the ordinary way when the route %s', async (_what, says) => {
  answer = says;
  for (const parts of [['token=abc'], ['tok', 'en=', 'abc']]) expect(await ask({ parts })).toMatchObject({ status: 201 });
  expect(ordinary).toEqual(['token=abc', 'token=abc']);
});

it('says how many bytes come, of whatever alphabet', async () => {
  expect(await ask({ parts: ['token=%C3%A4%E2%82%AC%F0%9F%94%91'] })).toMatchObject({ status: 200, text: '{"token":"ä€🔑"}' });
});

it('waits for an answer that takes a while', async () => {
  answer = async () => jsonBytes('later');
  expect(await ask({ parts: ['token=abc'] })).toMatchObject({ status: 200, text: '"later"' });
});

it.each<[string, Asked]>([
  ['another path', { path: '/ask?x', parts: ['token=a'] }],
  ['another method', { method: 'PUT', parts: ['token=a'] }],
  ['another content type', { headers: { 'content-type': 'text/plain' }, parts: ['token=a'] }],
  ['an encoded body', { headers: { 'content-encoding': 'gzip' }, parts: ['token=a'] }],
  ['two authorization headers', { headers: { authorization: ['Basic YTpi', 'Basic YTpj'] }, parts: ['token=a'] }],
  ['a form of 65 KiB', { parts: ['a'.repeat(65 * 1024)] }],
  ['bytes that are no UTF-8', { parts: [Buffer.from([0x74, 0x3d, 0xff])] }],
  ['a parameter that comes twice', { parts: ['token=a&token=b'] }],
])('never touches %s', async (_what, asked) => {
  expect(await ask(asked)).toMatchObject({ status: 201 });
  expect(ordinary).toEqual([Buffer.concat(asked.parts.map((part) => Buffer.from(part))).toString('latin1')]);
});

it('is closed while its owner says so', async () => {
  open = false;
  expect(await ask({ parts: ['token=a'] })).toMatchObject({ status: 201 });
});
