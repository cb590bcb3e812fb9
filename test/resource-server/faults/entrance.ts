import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TcpProxy, type Weather } from '../../../scripts/cluster/tcp-proxy.js';

/** Where the metadata sends resource servers: each by a way of its own, so that the feed can be away while introspection is not. */
interface Ways {
  readonly front: string;
  readonly feed: TcpProxy;
}

/**
 * Stands where the issuer is, before a cluster's front, and passes its metadata on with one change: the feed is reached through a proxy. Only resource servers
 * come here; everybody else goes to the front.
 */
export class Entrance {
  private ways: Ways | null = null;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Entrance> {
    const server = createServer((request, response) => {
      entrance.metadata(request.url ?? '/').then(
        (text) => response.writeHead(200, { 'content-type': 'application/json' }).end(text),
        () => response.writeHead(503).end(),
      );
    });
    const entrance = new Entrance(server);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return entrance;
  }

  get issuer(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  /** `front`: an URL on loopback. */
  async openTo(front: string): Promise<void> {
    this.ways = { front, feed: await TcpProxy.start({ host: '127.0.0.1', port: Number(new URL(front).port) }) };
  }

  /** Of the feed and its probes. */
  set weather(weather: Weather) {
    this.ways?.feed.set(weather);
  }

  async close(): Promise<void> {
    await this.ways?.feed.close();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async metadata(path: string): Promise<string> {
    if (!this.ways) throw new Error('nothing is behind the entrance yet');
    const { front, feed } = this.ways;
    const response = await fetch(`${front}${path}`);
    const document = (await response.json()) as Record<string, unknown>;
    const moved = Object.entries(document).map(([name, value]) => {
      if (name === 'issuer' || typeof value !== 'string') return [name, value];
      const onward = name === 'lanyard_revocation_feed_endpoint' ? `http://127.0.0.1:${feed.port}` : front;
      return [name, value.replace(this.issuer, onward)];
    });
    return JSON.stringify(Object.fromEntries(moved));
  }
}
