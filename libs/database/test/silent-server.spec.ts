import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import { type Database, isUnavailable, openDatabase } from '../src/index.js';

/** The way to the database, which can fall silent: connections are taken and nothing is said, as when a machine hangs. */
class Way {
  private readonly sockets = new Set<Socket>();
  private silent = false;

  private constructor(private readonly server: Server) {}

  static async to(target: URL): Promise<Way> {
    const server = createServer();
    const way = new Way(server);
    server.on('connection', (socket) => way.take(socket, target));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return way;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  fallSilent(): void {
    this.silent = true;
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(socket: Socket, { hostname, port }: URL): void {
    this.keep(socket);
    if (this.silent) return;
    const onward = this.keep(connect(Number(port), hostname));
    socket.pipe(onward);
    onward.pipe(socket);
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    return socket.on('close', () => this.sockets.delete(socket));
  }
}

let test: TestDatabase;
let way: Way;
let database: Database;
beforeAll(async () => {
  test = await createTestDatabase();
  const url = new URL(test.url('lanyard_introspect'));
  way = await Way.to(new URL(url));
  [url.hostname, url.port] = ['127.0.0.1', String(way.port)];
  database = await openDatabase({ url: url.href, schema: 'ephemeral', entities: [], migrations: [], applicationName: 'spec' });
});
afterAll(async () => {
  await way?.close();
  await database?.close();
  await test?.drop();
});

it('a server that takes connections and says nothing is unavailable after two seconds, for a query and for a transaction', async () => {
  await database.query('SELECT 1');
  way.fallSilent();
  const began = performance.now();
  const asked = [database.query('SELECT 1'), database.transaction((tx) => tx.query('SELECT 1'))];
  const outcomes = await Promise.allSettled(asked);
  expect(outcomes.map((each) => each.status === 'rejected' && isUnavailable(each.reason))).toEqual([true, true]);
  expect(performance.now() - began).toBeLessThan(4_000);
});
