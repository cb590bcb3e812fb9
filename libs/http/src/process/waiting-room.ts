import { createServer, type Server, type ServerResponse } from 'node:http';
import { drain } from '../drain.js';
import type { HttpConfig } from '../http-config.js';
import { listenError, listening } from '../listening.js';
import { answerClientError, SERVER_OPTIONS } from '../server-options.js';

/** Connections end with their answer, so there is hardly anything to wait for. */
const DRAIN_MS = 1_000;
const RETRY_AFTER_S = 1;

/**
 * Stands at both of a service's ports as long as the service can't start: alive, not ready and why, and nothing else is served. Without it
 * a probe would see a refused connection, and a person a process that comes and goes.
 */
export class WaitingRoom {
  private servers: Server[] = [];
  private reason = 'starting';

  constructor(private readonly config: Pick<HttpConfig, 'host' | 'ports'>) {}

  /** Throws a ListenError. Called again it only changes the reason. */
  async open(reason: string): Promise<void> {
    this.reason = reason;
    if (this.servers.length > 0) return;
    const { host, ports } = this.config;
    for (const port of [ports.internal, ports.public]) {
      const server = createServer(SERVER_OPTIONS, (request, response) => this.answer(request.url ?? '', response));
      server.on('clientError', answerClientError);
      this.servers.push(server);
      try {
        await listening(server, port, host);
      } catch (error) {
        await this.close();
        throw listenError(error, host);
      }
    }
  }

  async close(): Promise<void> {
    await drain(
      this.servers.splice(0).filter((server) => server.listening),
      DRAIN_MS,
    );
  }

  private answer(url: string, response: ServerResponse): void {
    const [path] = url.split('?');
    if (path === '/health/live') send(response, 200, { status: 'ok' });
    else if (path === '/health/ready') {
      send(response, 503, { status: 'not ready', reasons: [{ name: 'start', ok: false, reason: this.reason }] });
    } else {
      response.setHeader('Retry-After', RETRY_AFTER_S);
      send(response, 503, { error: 'temporarily_unavailable', error_description: 'the service is starting' });
    }
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    Connection: 'close',
  });
  response.end(JSON.stringify(body));
}
