import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A TCP way to a Postgres that can become a black hole: what was open stays open at both ends, new connections are taken, and nothing
 * comes through. Neither end is told anything, as when a machine hangs or a firewall forgets.
 */
export class WayToPostgres {
  private readonly sockets = new Set<Socket>();
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private silent = false;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async to(url: string): Promise<WayToPostgres> {
    const server = createServer();
    const way = new WayToPostgres(server, new URL(url));
    server.on('connection', (socket) => way.take(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return way;
  }

  get url(): string {
    const url = new URL(this.target);
    [url.hostname, url.port] = ['127.0.0.1', String((this.server.address() as AddressInfo).port)];
    return url.href;
  }

  /** What is open now says nothing more, for good; new ones get through. */
  forgetOpenOnes(): void {
    for (const [near, far] of this.pairs) {
      near.unpipe(far).resume();
      far.unpipe(near).resume();
    }
    this.pairs.clear();
  }

  fallSilent(): void {
    this.silent = true;
    this.forgetOpenOnes();
  }

  /** What was open when it fell silent, or opened since, stays dead. */
  answerAgain(): void {
    this.silent = false;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(near: Socket): void {
    this.keep(near);
    if (this.silent) return void near.resume();
    const far = this.keep(connect(Number(this.target.port), this.target.hostname));
    const pair = [near, far] as const;
    this.pairs.add(pair);
    near.pipe(far).pipe(near);
    // an end that is told of while the way is good is passed on; afterwards nobody hears
    for (const socket of pair) socket.on('close', () => this.pairs.delete(pair) && pair.map((each) => each.destroy()));
  }

  private keep(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    return socket.on('close', () => this.sockets.delete(socket));
  }
}
