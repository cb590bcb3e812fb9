import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * How connections through a proxy fare. `delay`: everything arrives late. `hole`: what is sent vanishes, connecting seems to work, and nobody is
 * told. `half-open`: the way there works, nothing comes back. `cut`: connections are reset, new ones refused.
 */
export type Weather = { readonly kind: 'fair' | 'cut' | 'hole' | 'half-open' } | { readonly kind: 'delay'; readonly ms: number };

const FAIR: Weather = { kind: 'fair' };

interface Pair {
  readonly inner: Socket;
  readonly outer: Socket;
  /** Bytes were lost on it: no stream goes on after a hole in it. */
  torn: boolean;
}

/** One TCP address in front of another one, under the control of who breaks things. It never delivers late what it has lost. */
export class TcpProxy {
  private weather: Weather = FAIR;
  /** Bytes that vanished. */
  lost = 0;
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
    readonly port: number,
  ) {}

  static async start(target: { host: string; port: number }, port = 0): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    const address = server.address();
    const proxy = new TcpProxy(server, target, typeof address === 'object' && address ? address.port : port);
    server.on('connection', (socket) => proxy.take(socket));
    return proxy;
  }

  get open(): number {
    return this.pairs.size;
  }

  /** Anything but `delay` loses bytes; connections that lost some are reset when it is fair again, as a network's are in the end. */
  set(weather: Weather): void {
    this.weather = weather;
    if (weather.kind === 'cut') this.reset();
    if (weather.kind === 'fair') for (const pair of this.pairs) if (pair.torn) resetPair(pair);
  }

  heal(): void {
    this.set(FAIR);
  }

  /** All connections of this moment, with RST. */
  reset(): void {
    for (const pair of this.pairs) resetPair(pair);
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private take(outer: Socket): void {
    if (this.weather.kind === 'cut') {
      outer.resetAndDestroy();
      return;
    }
    const inner = connect({ ...this.target, allowHalfOpen: true, noDelay: true });
    outer.setNoDelay(true);
    const pair: Pair = { inner, outer, torn: false };
    this.pairs.add(pair);
    this.pipe(pair, outer, inner, 'there');
    this.pipe(pair, inner, outer, 'back');
    const over = () => {
      resetPair(pair);
      this.pairs.delete(pair);
    };
    for (const socket of [inner, outer]) {
      socket.on('error', over);
      socket.on('close', () => (inner.destroyed && outer.destroyed ? this.pairs.delete(pair) : socket.errored ? over() : undefined));
    }
  }

  private pipe(pair: Pair, from: Socket, to: Socket, way: 'there' | 'back'): void {
    // In the order they came: a chunk that is due waits for those before it.
    let last = Promise.resolve();
    const later = (act: () => void) => {
      const wait = this.weather.kind === 'delay' ? this.weather.ms : 0;
      const due = performance.now() + wait;
      last = last.then(() => untilThen(due)).then(act);
    };
    from.on('data', (chunk) => {
      if (this.loses(way)) {
        pair.torn = true;
        this.lost += chunk.length;
        return;
      }
      later(() => {
        if (pair.torn || to.destroyed) return;
        if (!to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    });
    from.on('end', () => {
      if (this.loses(way)) pair.torn = true;
      else later(() => void (to.destroyed || to.end()));
    });
  }

  private loses(way: 'there' | 'back'): boolean {
    return this.weather.kind === 'hole' || (this.weather.kind === 'half-open' && way === 'back');
  }
}

function resetPair({ inner, outer }: Pair): void {
  for (const socket of [inner, outer]) if (!socket.destroyed) socket.resetAndDestroy();
}

function untilThen(due: number): Promise<void> | undefined {
  const wait = due - performance.now();
  return wait > 0 ? new Promise((resolve) => setTimeout(resolve, wait)) : undefined;
}
