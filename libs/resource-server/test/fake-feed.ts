import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { packed } from '#libs/revocation';

export const HORIZON = 4_200_000;

const OPENING = { version: 1, resumed: false, horizon_ms: HORIZON, bound_ms: 2_000 };

/** A feed that says exactly what a spec wants said. */
export class FakeFeed {
  readonly streams: ServerResponse[] = [];
  readonly lastEventIds: (string | undefined)[] = [];
  ticket = 1;
  epoch = 'e';
  probes = 0;
  status = 200;
  contentType = 'text/event-stream';
  /** Null: the stream begins with nothing. */
  opening: object | null = { ...OPENING };
  /** Follows the opening. */
  snapshot = (): void => undefined;
  /** The owner's clock. */
  now = () => Date.now();
  /** Null: it is never answered. */
  answer: () => string | null = () => JSON.stringify({ sources: this.sources(++this.ticket) });
  private beats: NodeJS.Timeout | undefined;

  handle(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    if (request.method === 'POST') this.probed(response);
    else this.listened(request.headers['last-event-id'] as string | undefined, response);
  }

  sources(ticket: number) {
    const of = { epoch: this.epoch, ticket, db_time: this.now() };
    return { session: of, token: of, auth: of };
  }

  /** To all who listen. */
  raw(text: string): void {
    for (const stream of this.streams) if (!stream.writableEnded && !stream.destroyed) stream.write(text);
  }

  say(event: string, data: object, id?: string): void {
    this.raw(eventOf(event, data, id));
  }

  prove(ticket = this.ticket, id = `at-${ticket}`): void {
    this.say('proof', { sources: this.sources(ticket), owner_now: this.now(), unpassed_since: this.now() }, id);
  }

  end(kind: string, ...ids: string[]): void {
    this.say('ended', { kind, at: this.now(), fingerprints: Buffer.from(packed(ids)).toString('base64') });
  }

  raise(kind: string, id: string, gen: number, at = this.now()): void {
    this.say('raised', { kind, raised: [[Buffer.from(packed([id])).toString('base64'), gen, at]] });
  }

  /** It goes on by itself, as a feed that is well does. */
  beat(): void {
    this.beats ??= setInterval(() => this.prove(), 20);
  }

  still(): void {
    clearInterval(this.beats);
    this.beats = undefined;
  }

  private listened(lastEventId: string | undefined, response: ServerResponse): void {
    this.lastEventIds.push(lastEventId);
    response.writeHead(this.status, this.status === 200 ? { 'content-type': this.contentType } : { 'retry-after': '0' });
    if (this.status !== 200) {
      response.end();
      return;
    }
    response.flushHeaders();
    this.streams.push(response);
    if (this.opening) response.write(eventOf('open', this.opening));
    this.snapshot();
  }

  private probed(response: ServerResponse): void {
    this.probes++;
    const answer = this.answer();
    if (answer !== null) response.writeHead(this.status).end(answer);
  }
}

function eventOf(event: string, data: object, id?: string): string {
  return `retry: 10\n${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A server on loopback, over TLS where it is given a certificate, and how to close it whatever is still under way. */
export async function listening(handle: (request: IncomingMessage, response: ServerResponse) => void, certificate?: Certificate) {
  const secure = certificate && createTlsServer(certificate, handle);
  const server = secure ?? createServer(handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const connections = () =>
    new Promise<number>((resolve, reject) => {
      server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
    });
  /** From the next connection on: those that there are, are cut. */
  const present = (other: Certificate) => {
    secure?.setSecureContext(other);
    server.closeAllConnections();
  };
  const origin = `${secure ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, connections, present, close };
}
