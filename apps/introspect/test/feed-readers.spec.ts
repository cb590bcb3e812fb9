import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RevocationEntry, SourceName } from '#libs/contracts';
import type { BroadcastProof } from '#libs/event-log';
import { Metrics } from '#libs/metrics';
import { RevocationView } from '#libs/revocation';
import { until } from '#libs/testing';
import { Feed } from '../src/feed/feed.js';
import { MAX_BACKLOG, STALLED_MS } from '../src/feed/listener.js';
import { RawListener } from './raw-listener.js';

const LONG = { timeoutMs: 20_000 };
const SOURCES: readonly SourceName[] = ['session', 'token', 'auth'];

/** The feed itself on a bare server, so that what its view hears is up to the spec; the sockets are real. */
class BareFeed {
  readonly clock = { skewMs: 0, monotonic: () => performance.now() + this.clock.skewMs, wall: () => Date.now() };
  readonly metrics = new Metrics('introspect');
  readonly view = new RevocationView({ sources: SOURCES, horizonMs: 4_200_000, boundMs: 2_000, clock: this.clock });
  readonly feed = new Feed({
    ...{ view: this.view, clock: this.clock, metrics: this.metrics },
    ...{ horizonMs: 4_200_000, boundMs: 2_000, maxListeners: 10 },
  });
  readonly responses: ServerResponse[] = [];
  /** Run as soon as a listener is entered: what it catches up with is on its way and not yet through. */
  onEntered: () => void = () => undefined;
  private readonly server: Server;
  private ticket = 0;

  private constructor() {
    this.server = createServer((request, response) => {
      this.responses.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      this.feed.listen('spec', response, request.headers['last-event-id'] as string | undefined);
      this.onEntered();
    });
  }

  static async start(): Promise<BareFeed> {
    const bare = new BareFeed();
    await new Promise<void>((resolve) => bare.server.listen(0, '127.0.0.1', resolve));
    bare.prove();
    return bare;
  }

  listen(): Promise<RawListener> {
    return RawListener.open(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`, {});
  }

  apply(entries: readonly RevocationEntry[]): void {
    this.feed.applied(this.view.apply(entries), 'hint');
  }

  prove(): void {
    this.ticket++;
    const proof: BroadcastProof = {
      ...{ sentMonotonic: this.clock.monotonic(), sentWall: Date.now(), dbTime: Date.now(), unpassedSince: Date.now() },
      position: { epoch: 'e', ticket: this.ticket, numbers: new Map([[0, 0]]) },
    };
    for (const source of SOURCES) if (this.view.applyProof(source, proof)) this.feed.proven(source, proof);
  }

  async closed(reason: string): Promise<number> {
    const line = new RegExp(`lanyard_feed_closed_total\\{reason="${reason}"\\} (\\d+)`);
    return Number(line.exec(await this.metrics.text())?.[1] ?? 0);
  }

  async close(): Promise<void> {
    this.feed.leave();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

let bare: BareFeed;
let made = 0;
beforeEach(async () => {
  bare = await BareFeed.start();
});
afterEach(() => bare.close());

const ends = (count: number): RevocationEntry[] =>
  Array.from({ length: count }, () => ({ kind: 'session', id: `s-${made++}`, at: Date.now() }));

it('an end that is news while a listener catches up stands before its first proof, which covers it', async () => {
  const first = await bare.listen();
  await first.caughtUp();
  const [known, missed] = [`s-${made}`, `s-${made + 1}`];
  bare.apply(ends(1));
  bare.prove();
  await until(() => first.has('session', known) && covering(first, 2) !== null, LONG);
  bare.onEntered = () => {
    // it waits for its turn among the others' writes for longer than the catching up takes
    bare.clock.skewMs -= 10_000;
    bare.apply(ends(1));
    bare.clock.skewMs += 10_000;
    bare.prove();
  };
  const second = await bare.listen();
  for (const listener of [first, second]) {
    const covered = await until(() => covering(listener, 3), LONG);
    expect(listener.broughtBy('session', missed)).toBeLessThan(covered);
    listener.close();
  }
});

/** The place of the first proof that is of `ticket` or later. */
function covering({ events }: RawListener, ticket: number): number | null {
  const place = events.findIndex(({ event, data }) => event === 'proof' && data.sources.session.ticket >= ticket);
  return place === -1 ? null : place;
}

/** Frames of 43 kB until some of them stay in this process: the kernel takes megabytes first. */
async function fillKernel(response: ServerResponse, backlog: number): Promise<void> {
  while (response.writableLength <= backlog && !response.destroyed) {
    bare.apply(ends(4_096));
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('a reader that takes nothing is cut at the bound, and the one beside it loses nothing', async () => {
  const [slow, fast] = [await bare.listen(), await bare.listen()];
  await Promise.all([slow.caughtUp(), fast.caughtUp()]);
  slow.pause();
  const [first] = bare.responses as [ServerResponse];
  let most = 0;
  const before = made;
  while (!first.destroyed) {
    bare.apply(ends(4_096));
    most = Math.max(most, first.writableLength);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(most).toBeLessThan(MAX_BACKLOG + 128 * 1024);
  expect(await bare.closed('slow')).toBe(1);
  await until(() => fast.has('session', `s-${before}`) && fast.has('session', `s-${made - 1}`), LONG);
  expect(fast.ended).toBe(false);
  slow.close();
  fast.close();
}, 60_000);

it('a reader that takes nothing of the little that waits for it is cut after ten seconds, and only then', async () => {
  const slow = await bare.listen();
  await slow.caughtUp();
  slow.pause();
  const [response] = bare.responses as [ServerResponse];
  await fillKernel(response, 0);
  bare.clock.skewMs += STALLED_MS - 3_000;
  expect(await bare.closed('slow')).toBe(0);
  await until(async () => {
    bare.clock.skewMs += 1_000;
    return (await bare.closed('slow')) === 1;
  }, LONG);
  slow.close();
}, 60_000);

it('a reader that lags is shown no proof it would only have to throw away, and the next one when it has caught up', async () => {
  const slow = await bare.listen();
  await slow.caughtUp();
  slow.pause();
  const [response] = bare.responses as [ServerResponse];
  await fillKernel(response, 100_000);
  const waiting = response.writableLength;
  const fast = await bare.listen();
  await fast.caughtUp();
  await until(() => {
    bare.prove();
    bare.clock.skewMs += 1_000;
    return fast.proofs.length >= 5;
  }, LONG);
  fast.close();
  expect(response.writableLength).toBe(waiting);
  const last = made - 1;
  slow.resume();
  await until(() => slow.has('session', `s-${last}`), LONG);
  await until(() => {
    bare.prove();
    return slow.proofs.length > 1;
  }, LONG);
  const order = slow.events.map(({ event }) => event);
  expect(order.lastIndexOf('ended')).toBeLessThan(order.lastIndexOf('proof'));
  slow.close();
}, 60_000);

it('four readers that stand still in the middle of a snapshot keep nobody waiting', async () => {
  bare.view.apply(ends(1_500_000));
  const standing: RawListener[] = [];
  for (let n = 0; n < 4; n++) {
    const reader = await bare.listen();
    reader.pause();
    standing.push(reader);
  }
  await until(() => bare.responses.every((response) => response.writableNeedDrain), LONG);
  const fifth = await bare.listen();
  // they are cut for it after ten seconds
  await until(() => fifth.proofs.length > 0, { timeoutMs: 8_000 });
  expect(bare.responses.slice(0, 4).some(({ destroyed }) => destroyed)).toBe(false);
  for (const reader of [...standing, fifth]) reader.close();
}, 60_000);

it('a snapshot is written at the reader’s pace: little of it waits here', async () => {
  bare.view.apply(ends(1_500_000));
  const slow = await bare.listen();
  slow.pause();
  const [response] = bare.responses as [ServerResponse];
  await until(() => response.writableNeedDrain, LONG);
  expect(response.writableLength).toBeLessThan(128 * 1024);
  expect(slow.proofs).toHaveLength(0);
  slow.resume();
  await until(() => slow.proofs.length > 0, { timeoutMs: 60_000 });
  expect(slow.received.size).toBeGreaterThanOrEqual(1_500_000 - 10);
  slow.close();
}, 120_000);
