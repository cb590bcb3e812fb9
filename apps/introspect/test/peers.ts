import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { authApi, type ClientRecord, sessionApi, tokenApi, type WrappedSealingKey } from '#libs/contracts';
import type { PublicJwk } from '#libs/keys';

/**
 * The other three services as far as introspection calls them, over real HTTP and by the contract's paths. What they know is set by
 * the spec; how often each was asked is counted.
 */
export class Peers {
  readonly asked = new Map<string, number>();
  readonly clients = new Map<string, ClientRecord>();
  sealingKeys: WrappedSealingKey[] = [];
  publicKeys: PublicJwk[] = [];
  refreshToken: (request: { token: string; client_id: string }) => Record<string, unknown> = () => ({ active: false });
  sign: (request: { purpose: string; alg: string | null; claims: Record<string, unknown> }) => string = () => '';
  /** Connections are cut without an answer, as by a process that is gone. */
  down = false;
  /** Requests that wait for an answer which won't come, and their paths. */
  readonly unanswered = new Map<ServerResponse, string>();
  private stopped = false;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Peers> {
    const server = createServer();
    const peers = new Peers(server);
    server.on('request', async (request, response) => {
      if (peers.down) return void request.socket.destroy();
      let body = '';
      for await (const chunk of request) body += String(chunk);
      const path = request.url ?? '';
      peers.asked.set(path, (peers.asked.get(path) ?? 0) + 1);
      if (peers.stopped) return peers.leave(path, response);
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(peers.answer(path, JSON.parse(body) as Record<string, string>)));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return peers;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Connections are accepted, requests read and never answered, as by a process that was stopped. When it is over, those who wait are cut off. */
  set silent(silent: boolean) {
    this.stopped = silent;
    if (!silent) for (const response of this.unanswered.keys()) response.destroy();
  }

  /** Calls about tokens and clients; the view's registration renews itself all the time. */
  get questions(): number {
    return [...this.asked].filter(([path]) => !path.startsWith('/internal/views/')).reduce((sum, [, count]) => sum + count, 0);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private leave(path: string, response: ServerResponse): void {
    this.unanswered.set(response, path);
    response.once('close', () => this.unanswered.delete(response));
  }

  private answer(path: string, request: Record<string, string>): unknown {
    if (path === sessionApi.registerView.path) return { lease_ms: 2_000 };
    if (path === tokenApi.sealingKeys.path) return { keys: this.sealingKeys };
    if (path === tokenApi.publicKeys.path) return { keys: this.publicKeys };
    if (path === tokenApi.sign.path) return { jwt: this.sign(request as unknown as Parameters<Peers['sign']>[0]) };
    if (path === authApi.client.path) return { client: this.clients.get(request.client_id ?? '') ?? null };
    if (path === tokenApi.introspectRefreshToken.path) return this.refreshToken(request as { token: string; client_id: string });
    return {};
  }
}
