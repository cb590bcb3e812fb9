import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from '#libs/testing';
import { CATCH_UP_FLOOR, type Ending, Listener, STALLED_MS } from '../src/feed/listener.js';

const LONG = { timeoutMs: 20_000, everyMs: 1 };
const PIECE = Buffer.alloc(32 * 1024, 'x');
const WITHOUT_END = {
  *[Symbol.iterator]() {
    for (;;) yield PIECE;
  },
};

let server: Server;
let written: ServerResponse;
let listener: Listener;
let reader: IncomingMessage;
let endings: Ending[];
beforeEach(async () => {
  endings = [];
  server = createServer((_, response) => {
    written = response;
    listener = new Listener('spec', response, (_one, ending) => endings.push(ending));
    void listener.catchUp(WITHOUT_END);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  reader = await new Promise((resolve) => get({ port: (server.address() as AddressInfo).port, agent: false }, resolve));
  reader.on('error', () => undefined);
  await until(() => written.writableNeedDrain, LONG);
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const taken = () => (written.socket?.bytesWritten ?? 0) - (written.socket?.writableLength ?? 0);

/** Until so many bytes more have left this process, and something waits again. */
async function take(bytes: number): Promise<void> {
  const before = taken();
  await until(() => {
    if (taken() - before >= bytes || listener.closed) return true;
    reader.read();
    return false;
  }, LONG);
  await until(() => written.writableNeedDrain || listener.closed, LONG);
}

it('a reader that takes a little now and then is cut in the middle of what it catches up with', async () => {
  let now = 0;
  listener.cutIfSlow(now);
  // never still for ten seconds
  for (; !listener.closed && now < 100 * STALLED_MS; now += STALLED_MS - 1_000) {
    listener.cutIfSlow(now);
    await take(1);
  }
  expect(endings).toEqual(['slow']);
  expect(taken() / now).toBeLessThan(CATCH_UP_FLOOR / 1_000);
});

it('one that takes what it has to is not', async () => {
  for (let now = 0; now < 10 * STALLED_MS; now += 1_000) {
    listener.cutIfSlow(now);
    await take(CATCH_UP_FLOOR);
  }
  expect(endings).toEqual([]);
});
