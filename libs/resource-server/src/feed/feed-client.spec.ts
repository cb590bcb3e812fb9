import { systemClock } from '#libs/revocation';
import { until } from '#libs/testing';
import { FakeFeed, HORIZON, listening } from '../../test/fake-feed.js';
import { printsOf } from '../handles.js';
import { Wire } from '../wire/send.js';
import { FeedClient } from './feed-client.js';
import { RevocationCopy } from './revocation-copy.js';

const LONG = { timeoutMs: 20_000 };

let feed: FakeFeed;
let at: Awaited<ReturnType<typeof listening>>;
let copy: RevocationCopy;
let client: FeedClient;
beforeEach(async () => {
  feed = new FakeFeed();
  at = await listening((request, response) => feed.handle(request, response));
  copy = new RevocationCopy(5_000, systemClock);
  client = new FeedClient({
    endpoint: new URL('/revocations', at.origin),
    authorization: 'Basic x',
    wire: new Wire(),
    copy,
    probeEveryMs: 50,
  });
  await until(() => feed.streams.length === 1 && feed.probes > 0, LONG);
});
afterEach(async () => {
  client.stop();
  await at.close();
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
    expect(copy.hasEnded(printsOf({ sid: 's-2' }))).toBe(true);
    feed.prove(feed.ticket, 'the-position');
    await until(() => feed.streams[0]?.writableLength === 0, LONG);
    await becomesFresh();
    feed.streams[0]?.end();
    await until(() => feed.streams.length === 2, LONG);
    expect(feed.lastEventIds[1]).toMatch(/^(at-\d+|the-position)$/);
    expect(copy.hasEnded(printsOf({ sid: 's-1' }))).toBe(true);
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
    ['a second beginning', () => feed.say('open', { version: 1, resumed: false, horizon_ms: HORIZON })],
    ['tickets with a fraction', () => feed.say('proof', { sources: feed.sources(1.5), unpassed_since: 1 })],
    ['a position that fits no header', () => feed.prove(feed.ticket, 'ünd 日本')],
    ['a line of 2 MB', () => feed.raw('x'.repeat(2 * 1024 * 1024))],
    ['an event of 2 MB', () => feed.raw(`data: ${'x'.repeat(1_000)}\n`.repeat(2_048))],
  ];

  it.each(garbage)('(%s) is left at once, makes nothing fresh, and is begun anew without a position', async (_what, say) => {
    feed.end('session', 'before');
    await becomesFresh();
    say();
    await until(() => feed.streams.length === 2, LONG);
    expect(fresh()).toBe(false);
    expect(feed.lastEventIds[1]).toBeUndefined();
    expect(copy.size).toBe(0);
    await becomesFresh();
  });

  it.each([
    ['a stream that does not begin with open', null],
    ['one that resumes what was never sent', { version: 1, resumed: true, horizon_ms: HORIZON }],
    ['one of a horizon that is none', { version: 1, resumed: false, horizon_ms: 0 }],
    ['one of a bound that is none', { version: 1, resumed: false, horizon_ms: HORIZON, bound_ms: 0 }],
  ])('(%s) makes nothing fresh', async (_what, opening) => {
    const [was, ids] = [feed.opening, feed.lastEventIds];
    feed.opening = opening;
    feed.raw('event: proof\ndata: no JSON\n\n');
    await until(() => {
      feed.prove();
      return ids.length >= 4;
    }, LONG);
    expect([fresh(), ids.slice(1)]).toEqual([false, ids.slice(1).map(() => undefined)]);
    feed.opening = was;
    await becomesFresh();
  });

  it('is another page altogether: it is asked again', async () => {
    feed.contentType = 'text/html';
    feed.streams[0]?.destroy();
    await until(() => feed.streams.length >= 3, LONG);
    feed.contentType = 'text/event-stream; charset=utf-8';
    await becomesFresh();
  });

  it('breaks off in the middle of a snapshot: what came of it is no position', async () => {
    await becomesFresh();
    feed.streams[0]?.end();
    await until(() => feed.streams.length === 2, LONG);
    expect(feed.lastEventIds[1]).toBeDefined();
    feed.end('session', 'half');
    await until(() => copy.hasEnded(printsOf({ sid: 'half' })), LONG);
    feed.streams[1]?.end();
    await until(() => feed.streams.length === 3, LONG);
    expect(feed.lastEventIds[2]).toBeUndefined();
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

  it('takes a position with a proof alone', async () => {
    await becomesFresh();
    feed.say('ended', { kind: 'session', at: 1, fingerprints: 'AAAAAAAAAAE=' }, 'too-soon');
    feed.streams[0]?.end();
    await until(() => feed.streams.length === 2, LONG);
    expect(feed.lastEventIds[1]).toMatch(/^at-\d+$/);
  });

  it('goes on, but for probes that are never answered: the copy ages, and few are under way', async () => {
    await becomesFresh();
    feed.answer = () => null;
    const before = feed.probes;
    feed.beat();
    await until(() => !fresh(), LONG);
    feed.still();
    // 50 ms apart for 5 s would be a hundred
    expect(feed.probes - before).toBeLessThan(20);
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
    expect(copy.hasEnded(printsOf({ sid: 's' }))).toBe(true);
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
