import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { AuthConfig, CatalogueClient } from '#libs/config';
import { BearerError, createResourceServer } from '#libs/resource-server';
import { openGateway } from './gateway.js';
import type { Timeline } from './timeline.js';

/** An API of the business, on a free port of this machine. */
export interface Api {
  readonly name: string;
  /** Which of the two forms of tokens it is called with. */
  readonly takes: 'opaque' | 'jwt';
  readonly url: string;
  close(): void;
}

const SOON_MS = 10_000;

/** The three APIs: two with libs/resource-server, and one that knows nothing of tokens, behind nginx. `close` whatever came of it. */
export class Apis {
  private readonly open: Api[] = [];

  constructor(private readonly config: AuthConfig) {}

  /** The third is left out, and that is said, where nginx is not. */
  async start(time: Timeline): Promise<readonly Api[]> {
    const photos = this.withLibrary('the photo API', 'opaque', this.client('photos-api'), 'photos:read');
    this.open.push(await time.step('the photo API starts, with libs/resource-server', () => photos));
    const prints = this.withLibrary('the print API', 'jwt', this.client('prints-api'), 'prints:order');
    this.open.push(await time.step('the print API starts, with libs/resource-server', () => prints));
    const gateway = await time.step('nginx starts, as the gateway of a third one', () => this.behindNginx());
    if (typeof gateway === 'string') time.note(gateway);
    else this.open.push(gateway);
    return this.open;
  }

  close(): void {
    for (const api of this.open) api.close();
  }

  /** What an API does with this library, all of it. */
  private async withLibrary(name: string, takes: Api['takes'], client: CatalogueClient, scope: string): Promise<Api> {
    const { issuer } = this.config;
    const [audience = ''] = client.metadata.resource_server_for;
    const credentials = { clientId: client.clientId, clientSecret: client.secrets[0] ?? '' };
    const guard = await createResourceServer({ issuer, audience, credentials });
    const server = await listening(async (request, response) => {
      try {
        const { sub } = await guard.verify(request.headers.authorization, { scopes: [scope] });
        response.end(`for ${sub}`);
      } catch (error) {
        if (error instanceof BearerError) response.writeHead(error.status, error.headers).end();
        else response.writeHead(500).end();
      }
    });
    const close = () => {
      guard.stop();
      closed(server);
    };
    return { name, takes, url: urlOf(server), close };
  }

  private async behindNginx(): Promise<Api | string> {
    const server = await listening((request, response) => response.end(`for ${subjectOf(request)}`));
    const needs = { scope: 'photos:read', audience: this.client('photos-api').metadata.resource_server_for[0] ?? '' };
    const gateway = await openGateway(this.config, this.client('gateway'), { ...needs, api: urlOf(server) });
    if ('missing' in gateway) {
      closed(server);
      return gateway.missing;
    }
    const close = () => {
      gateway.close();
      closed(server);
    };
    return { name: 'the album API behind nginx', takes: 'opaque', url: gateway.url, close };
  }

  private client(id: string): CatalogueClient {
    const client = this.config.catalogue?.clients.find(({ clientId }) => clientId === id);
    if (!client) throw new Error(`the configuration has no client "${id}": the demonstration plays with examples/demo/lanyard.yaml`);
    return client;
  }
}

/** The status it answers with; asked again while that is 503, which is neither yes nor no. */
export async function answerOf(api: Api, token: string): Promise<number> {
  return asked(api, token, SOON_MS, (status) => status !== 503);
}

/** Asked until it refuses, for as long as the bound. */
export async function refusalOf(api: Api, token: string, boundMs: number): Promise<number> {
  return asked(api, token, boundMs, (status) => status === 401);
}

async function asked(api: Api, token: string, withinMs: number, isEnough: (status: number) => boolean): Promise<number> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const response = await fetch(api.url, { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    if (isEnough(response.status) || performance.now() > deadline) return response.status;
    await delay(2);
  }
}

/** Written by the gateway, which is all that reaches this API. */
function subjectOf({ headers }: IncomingMessage): string {
  return String(headers['lanyard-subject']);
}

async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function closed(server: Server): void {
  server.closeAllConnections();
  server.close();
}
