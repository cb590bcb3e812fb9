import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { packed, systemClock } from '#libs/revocation';
import { until } from '#libs/testing';
import { FeedClient } from './feed-client.js';
import { RevocationCopy } from './revocation-copy.js';

const LONG = { timeoutMs: 20_000 };
const HORIZON = 4_200_000;

/** A feed that says exactly what a spec wants said. */
class FakeFeed {
  readonly streams: ServerResponse[] = [];
  readonly lastEventIds: (string | undefined)[] = [];
  ticket = 1;
  probes = 0;
  status = 200;
  answer: () => string = () => JSON.stringify({ sources: this.sources(++this.ticket) });
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      request.resume();
      if (request.method === 'POST') {
        this.probes++;
        response.writeHead(200).end(this.answer());
        return;
      }
      this.lastEventIds.push(request.headers['last-event-id'] as string | undefined);
      if (this.status !== 200) return void response.writeHead(this.status, { 'retry-after': '0' }).end();
      this.streams.push(response.writeHead(200, { 'content-type': 'text/event-stream' }));
      this.say('open', { version: 1, resumed: false, horizon_ms: HORIZON, bound_ms: 2_000 });
    });
  }

  static async start(): Promise<FakeFeed> {
    const feed = new FakeFeed();
    await new Promise<void>((resolve) => feed.server.listen(0, '127.0.0.1', resolve));
    return feed;
  }

  get url(): URL {
    return new URL(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}/revocations`);
  }

  sources(ticket: number, epoch = 'e') {
    const of = { epoch, ticket, db_time: Date.now() };
    return { session: of, token: of, auth: of };
  }

  raw(text: string): void {
    this.streams.at(-1)?.write(text);
  }

  say(event: string, data: object, id?: string): void {
    this.raw(`retry: 10\n${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  prove(ticket = this.ticket, id = `at-${ticket}`): void {
    this.say('proof', { sources: this.sources(ticket), owner_now: Date.now(), unpassed_since: Date.now() }, id);
  }

  end(kind: string, ...ids: string[]): void {
    this.say('ended', { kind, at: Date.now(), fingerprints: Buffer.from(packed(ids)).toString('base64') });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

let feed: FakeFeed;
let copy: RevocationCopy;
let client: FeedClient;
beforeEach(async () => {
  feed = await FakeFeed.start();
  copy = new RevocationCopy(5_000, systemClock);
  client = new FeedClient({ endpoint: feed.url, authorization: 'Basic x', copy, probeEveryMs: 50 });
  await until(() => feed.streams.length === 1 && feed.probes > 0, LONG);
});
afterEach(async () => {
  client.stop();
  await feed.close();
});

const fresh = () => copy.freshness().fresh;
const becomesFresh = () =>
  until(() => {
    feed.prove();
    return fresh();
  }, LONG);

describe('a feed that is well', () => {
  it('makes the copy fresh, and is resumed where it broke off', async () => {
    feed.end('session', 's-1', 's-2');
    await becomesFresh();
    expect(copy.hasEnded({ sid: 's-2' })).toBe(true);
    feed.prove(feed.ticket, 'the-position');
    await until(() => feed.streams[0]?.writableLength === 0, LONG);
    await becomesFresh();
    feed.streams[0]?.end();
    await until(() => feed.streams.length === 2, LONG);
    expect(feed.lastEventIds[1]).toMatch(/^(at-\d+|the-position)$/);
    expect(copy.hasEnded({ sid: 's-1' })).toBe(true);
    await becomesFresh();
  });
});

describe('a feed that is not', () => {
  const garbage: [string, () => void][] = [
    ['data that is no JSON', () => feed.raw('event: proof\ndata: {"sources"\n\n')],
    ['a proof without tickets', () => feed.say('proof', { sources: { session: {} }, unpassed_since: 1 })],
    ['fingerprints that are none', () => feed.say('ended', { kind: 'session', at: 1, fingerprints: 'AAAA' })],
    ['fingerprints that are no base64', () => feed.say('ended', { kind: 'session', at: 1, fingerprints: '*'.repeat(12) })],
    ['generations that are none', () => feed.say('raised', { kind: 'subject', raised: [['AAAAAAAAAAA=', 'two', 1]] })],
    ['another version', () => feed.say('open', { version: 2, resumed: true, horizon_ms: HORIZON })],
    ['another horizon', () => feed.say('open', { version: 1, resumed: true, horizon_ms: HORIZON / 2 })],
    ['a line of 2 MB', () => feed.raw('x'.repeat(2 * 1024 * 1024))],
  ];

  it.each(garbage)('(%s) is left at once, makes nothing fresh, and is begun anew without a position', async (_what, say) => {
    feed.end('session', 'before');
    await becomesFresh();
    say();
    await until(() => feed.streams.length === 2, LONG);
    expect(fresh()).toBe(false);
    expect(feed.lastEventIds[1]).toBeUndefined();
    await becomesFresh();
  });

  it('repeats old proofs: the copy ages although something comes all the time', async () => {
    await becomesFresh();
    const old = feed.ticket;
    const repeats = setInterval(() => feed.prove(old), 20);
    try {
      await until(() => !fresh(), LONG);
    } finally {
      clearInterval(repeats);
    }
  });

  it('answers probes with tickets that went back: a new snapshot', async () => {
    await becomesFresh();
    const shown = feed.ticket;
    feed.prove(shown);
    feed.answer = () => JSON.stringify({ sources: feed.sources(1) });
    await until(() => feed.streams.length > 1, LONG);
    expect(feed.lastEventIds[1]).toBeUndefined();
  });

  it('refuses for a while: it is asked again, and the copy is what it was', async () => {
    feed.end('session', 's');
    await becomesFresh();
    feed.status = 503;
    feed.streams[0]?.destroy();
    await until(() => feed.lastEventIds.length >= 3, LONG);
    feed.status = 200;
    await until(() => feed.streams.length === 2, LONG);
    expect(copy.hasEnded({ sid: 's' })).toBe(true);
    await becomesFresh();
  });

  it('unknown events, members and kinds are passed over', async () => {
    feed.say('news', { anything: true });
    feed.say('ended', { kind: 'planet', at: 1, fingerprints: 'AAAAAAAAAAA=', more: 1 });
    feed.raw(': a comment\n\n');
    await becomesFresh();
    expect(feed.streams).toHaveLength(1);
  });
});
