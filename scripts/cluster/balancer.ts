import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Upstream } from './upstream.js';

const MAX_BODY = 2 * 1024 * 1024;
const LONGEST_MS = 30_000;
/** Of RFC 9110 §7.6.1: of one connection, not of the message. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

export interface BalancerOptions {
  readonly host: string;
  readonly port: number;
  /** The instances that may answer this path. */
  pool(pathname: string): readonly Upstream[];
  /**
   * The address that the instances trust X-Forwarded-For from (`localAddress` of our connections to them). Undefined: between services, where
   * nobody forwards for anybody and a broken connection is passed on as one, because the caller knows what may be sent again.
   */
  readonly forwardsFrom?: string;
}

/**
 * One address in front of several instances: round robin over those that say they are ready. Where none does, any that accepts a connection, because
 * some calls are answered before an instance is ready (registering a view). What could not be sent goes to the next; what was sent never goes twice.
 */
export class Balancer {
  /** Requests that met a closed door everywhere, and those whose instance broke while it had them. */
  turnedAway = 0;
  broken = 0;
  /** As a Service of Kubernetes: who says that it is unready is sent nothing, even if nobody is ready. */
  readyOnly = false;
  private turn = 0;

  private constructor(
    private readonly server: Server,
    private readonly options: BalancerOptions,
  ) {}

  static async start(options: BalancerOptions): Promise<Balancer> {
    const server = createServer({ keepAliveTimeout: 75_000 });
    const balancer = new Balancer(server, options);
    server.on('request', (asked, answer) => void balancer.pass(asked, answer).catch(() => answer.destroy()));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port, options.host, resolve);
    });
    return balancer;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(asked: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await bodyOf(asked);
    if (body === null) return refuse(answer, 413, 'invalid_request');
    const { pathname } = new URL(asked.url ?? '/', 'http://localhost');
    for (const upstream of this.inTurn(this.options.pool(pathname))) {
      const outcome = await this.send(upstream, asked, body, answer);
      if (outcome === 'done') return;
      if (outcome === 'unsent') continue;
      this.broken++;
      return this.options.forwardsFrom ? refuse(answer, 502, 'bad_gateway') : void answer.destroy();
    }
    this.turnedAway++;
    refuse(answer, 503, 'temporarily_unavailable');
  }

  private inTurn(pool: readonly Upstream[]): Upstream[] {
    const ready = pool.filter(({ ready }) => ready);
    const chosen = ready.length > 0 || this.readyOnly ? ready : [...pool];
    const first = this.turn++ % Math.max(1, chosen.length);
    return [...chosen.slice(first), ...chosen.slice(0, first)];
  }

  /** `unsent`: no connection, so nothing of it can have been read. */
  private send(upstream: Upstream, asked: IncomingMessage, body: Buffer, answer: ServerResponse): Promise<'done' | 'unsent' | 'broken'> {
    const { host, port } = upstream.address;
    return new Promise((resolve) => {
      const options = {
        ...{ host, port, path: asked.url, method: asked.method, headers: this.headers(asked, body), agent: upstream.agent },
        ...{ timeout: LONGEST_MS, ...(this.options.forwardsFrom ? { localAddress: this.options.forwardsFrom } : {}) },
      };
      const onward = request(options, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, without(answered.headers, ['connection', 'keep-alive', 'transfer-encoding']));
        answered.pipe(answer);
        answered.on('error', () => answer.destroy());
        answered.on('end', () => resolve('done'));
        answered.on('close', () => resolve('done'));
      });
      let connected = false;
      onward.on('socket', (socket) => {
        if (!socket.connecting) connected = true;
        else socket.once('connect', () => (connected = true));
      });
      onward.on('timeout', () => onward.destroy(new Error('no answer')));
      onward.on('error', () => {
        if (answer.headersSent) answer.destroy();
        // Who asked has given up: nobody is there to be told.
        resolve(answer.headersSent || answer.destroyed ? 'done' : connected ? 'broken' : 'unsent');
      });
      answer.on('close', () => onward.destroy());
      onward.end(body);
    });
  }

  private headers(asked: IncomingMessage, body: Buffer): Record<string, string | string[] | number | undefined> {
    const kept = without(asked.headers, [...HOP_BY_HOP, 'content-length']);
    const length = body.length > 0 || asked.headers['content-length'] !== undefined ? { 'content-length': body.length } : {};
    if (!this.options.forwardsFrom) return { ...kept, ...length };
    const chain = [asked.headers['x-forwarded-for'], asked.socket.remoteAddress].filter(Boolean).join(', ');
    return { ...kept, ...length, 'x-forwarded-for': chain };
  }
}

function without<T extends object>(headers: T, names: readonly string[]): T {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name))) as T;
}

async function bodyOf(asked: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of asked as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BODY) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function refuse(answer: ServerResponse, status: number, error: string): void {
  answer.writeHead(status, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    ...(status === 503 ? { 'retry-after': '1' } : {}),
  });
  answer.end(JSON.stringify({ error }));
}
