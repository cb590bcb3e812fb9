import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TestCertificates } from '#libs/testing';
import { listening } from '../../test/fake-feed.js';
import { Wire } from './send.js';

const ASK = { method: 'POST', body: 'x', timeoutMs: 20_000 } as const;

const certificates = new TestCertificates();
afterAll(() => certificates.discard());
const [ca, cert, key] = [certificates.caFile, certificates.certFile, certificates.keyFile].map((file) => readFileSync(file, 'utf8')) as [
  string,
  string,
  string,
];

describe.each([
  ['http', undefined],
  ['https', { key, cert }],
] as const)('a question over %s', (_scheme, certificate) => {
  /** How many questions each connection has brought. */
  const brought = new Map<Socket, number>();
  let answers: (nth: number, response: ServerResponse, request: IncomingMessage) => void;
  let at: Awaited<ReturnType<typeof listening>>;
  let wire: Wire;
  beforeEach(async () => {
    brought.clear();
    at = await listening((request, response) => {
      const nth = (brought.get(request.socket) ?? 0) + 1;
      brought.set(request.socket, nth);
      request.resume().on('end', () => answers(nth, response, request));
    }, certificate);
    wire = new Wire({ maxSockets: 1, ca });
  });
  afterEach(async () => {
    wire.close();
    await at.close();
  });

  it('goes over a connection that is kept open', async () => {
    answers = (nth, response) => void response.end(String(nth));
    expect((await wire.ask(new URL(at.origin), ASK)).text).toBe('1');
    expect((await wire.ask(new URL(at.origin), ASK)).text).toBe('2');
  });

  it('is asked again when the connection that was kept open is gone at that moment, and only then', async () => {
    answers = (nth, response, request) => void (nth === 1 ? response.end('answered') : request.socket.destroy());
    await wire.ask(new URL(at.origin), ASK);
    expect((await wire.ask(new URL(at.origin), ASK)).text).toBe('answered');
    expect([...brought.values()]).toEqual([2, 1]);
    answers = (_nth, _response, request) => void request.socket.destroy();
    await expect(wire.ask(new URL(at.origin), ASK)).rejects.toThrow('hang up');
  });
});
