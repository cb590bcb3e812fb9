import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './until.js';

export interface LogoutDelivery {
  logoutToken: string;
  contentType: string;
  path: string;
  /** Milliseconds since the epoch, by this machine's clock. */
  at: number;
}

/** `drop`: the request was taken in, the connection is cut without an answer. `hang`: no answer until `release()`. */
export type ReceiverAnswer = { status: number; body?: string; headers?: Record<string, string> } | 'drop' | 'hang';

/** A relying party's back-channel logout endpoint (OIDC Back-Channel Logout 1.0 §2.5) that answers as the test likes. */
export class LogoutReceiver {
  readonly deliveries: LogoutDelivery[] = [];
  private answers: ReceiverAnswer[] = [];
  private standing: ReceiverAnswer = { status: 200 };
  private readonly hanging: ServerResponse[] = [];

  private constructor(private readonly server: Server) {}

  static async start(port = 0): Promise<LogoutReceiver> {
    const server = createServer();
    const receiver = new LogoutReceiver(server);
    server.on('request', (request, response) => void receiver.take(request, response).catch(() => response.destroy()));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return receiver;
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}/backchannel-logout`;
  }

  /** The next answers, in order; after them the standing one. */
  answerNext(...answers: ReceiverAnswer[]): void {
    this.answers.push(...answers);
  }

  answerAlways(answer: ReceiverAnswer): void {
    this.answers = [];
    this.standing = answer;
  }

  /** Waits for at least `count` deliveries, of `path` if given. */
  async received(count = 1, options: { timeoutMs?: number; path?: string } = {}): Promise<LogoutDelivery[]> {
    const matching = () => this.deliveries.filter(({ path }) => options.path === undefined || path === options.path);
    return until(() => matching().length >= count && matching(), {
      timeoutMs: options.timeoutMs ?? 10_000,
      what: `${count} logout token(s) received`,
    });
  }

  /** Answers what hangs with 200. */
  release(): void {
    for (const response of this.hanging.splice(0)) response.writeHead(200).end();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const logoutToken = new URLSearchParams(body).get('logout_token') ?? '';
    this.deliveries.push({ logoutToken, contentType: request.headers['content-type'] ?? '', path: request.url ?? '', at: Date.now() });
    const answer = this.answers.shift() ?? this.standing;
    if (answer === 'drop') request.socket.destroy();
    else if (answer === 'hang') this.hanging.push(response);
    else response.writeHead(answer.status, answer.headers).end(answer.body);
  }
}
