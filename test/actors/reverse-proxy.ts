import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServiceName } from '#libs/contracts';
import { serviceOf } from '../../scripts/cluster/routes.js';

/** Its own address, and where it says that its clients come from: in a test everybody is on loopback. */
export const PROXY_ADDRESS = '127.0.0.2';
export const CLIENT_ADDRESS = '198.51.100.7';

/** One origin in front of the services: it routes by the first part of the path and adds for whom it asks, as proxies do. */
export class ReverseProxy {
  private constructor(
    private readonly server: Server,
    private readonly upstream: (service: ServiceName) => string,
  ) {}

  static async start(upstream: (service: ServiceName) => string): Promise<ReverseProxy> {
    const server = createServer();
    const proxy = new ReverseProxy(server, upstream);
    server.on('request', (asked, answer) => proxy.pass(asked, answer));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return proxy;
  }

  get origin(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(asked: IncomingMessage, answer: ServerResponse): void {
    const { pathname } = new URL(asked.url ?? '/', 'http://localhost');
    const target = this.upstream(serviceOf(pathname));
    const chain = [asked.headers['x-forwarded-for'], CLIENT_ADDRESS].filter(Boolean).join(', ');
    const headers = { ...asked.headers, 'x-forwarded-for': chain };
    const options = { method: asked.method, headers, localAddress: PROXY_ADDRESS, family: 4 };
    const onward = request(new URL(asked.url ?? '/', target), options, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    asked.pipe(onward);
  }
}
