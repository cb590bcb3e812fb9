import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CLIENTS, type ClientId } from './chaos-config.js';
import { claimsOf } from './claims.js';
import type { Recorder } from './recorder.js';

/** What a client's endpoint does with a logout token. `refuse`: 400, the receiver's last word. */
export type Manner = 'accept' | 'unavailable' | 'refuse' | 'drop';
const STATUS: Readonly<Record<Exclude<Manner, 'drop'>, number>> = { accept: 200, unavailable: 503, refuse: 400 };

/** All clients' back-channel logout endpoints, on one port. Who checks the tokens' signatures is another test (test/story). */
export class Receivers {
  private readonly manners = new Map<ClientId, Manner>();
  recorder: Recorder | undefined;

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Receivers> {
    const server = createServer();
    const receivers = new Receivers(server);
    server.on('request', (asked, answer) => void receivers.take(asked, answer).catch(() => answer.destroy()));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    return receivers;
  }

  urlOf(client: ClientId): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}/${client}`;
  }

  behave(client: ClientId, manner: Manner): void {
    this.manners.set(client, manner);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of asked) body += String(chunk);
    const client = CLIENTS.find((id) => asked.url === `/${id}`);
    const sid = claimsOf(new URLSearchParams(body).get('logout_token') ?? '').sid ?? null;
    const manner = client === undefined || sid === null ? 'refuse' : (this.manners.get(client) ?? 'accept');
    const answered = manner === 'drop' ? 599 : STATUS[manner];
    if (client !== undefined && sid !== null) this.recorder?.add({ kind: 'notice', at: performance.now(), sid, client, answered });
    if (manner === 'drop') asked.socket.destroy();
    else answer.writeHead(answered).end();
  }
}
