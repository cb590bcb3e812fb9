import { systemClock } from '#libs/revocation';
import { until } from '#libs/testing';
import { FakeFeed, HORIZON, listening } from '../../test/fake-feed.js';
import { Wire } from '../wire/send.js';
import { FeedClient } from './feed-client.js';
import { RevocationCopy } from './revocation-copy.js';

const LONG = { timeoutMs: 20_000 };
const LIMITS = { entries: 10, generations: 10, slots: 3 };
const SILENT_MS = 1_000;

let feed: FakeFeed;
let at: Awaited<ReturnType<typeof listening>>;
let client: FeedClient;
beforeEach(async () => {
  feed = new FakeFeed();
  at = await listening((request, response) => feed.handle(request, response));
  client = listener(new RevocationCopy(5_000, systemClock));
  await until(() => feed.streams.length === 1 && feed.probes > 0, LONG);
});
afterEach(async () => {
  client.stop();
  await at.close();
});
const listener = (of: RevocationCopy, over: { silentMs?: number; onTrouble?: () => void } = {}) =>
  new FeedClient({
    ...{ endpoint: new URL('/revocations', at.origin), authorization: 'Basic x', wire: new Wire(), probeEveryMs: 50 },
    ...{ copy: of, ...over },
  });

describe('a feed that', () => {
  it.each([
    ['ended', () => feed.end('session', ...Array.from({ length: 11 }, (_, n) => `s-${n}`))],
    [
      'raised',
      () => {
        for (let n = 0; n < 11; n++) feed.raise('subject', `u-${n}`, 2);
      },
    ],
    [
      'times',
      () => {
        for (let n = 0; n < 4; n++) feed.say('ended', { kind: 'session', at: n * HORIZON, fingerprints: 'AAAAAAAAAAE=' });
      },
    ],
  ])('is too large (%s): nothing of it is kept, and it is not downloaded again while other streams come and go', async (_what, say) => {
    const small = new RevocationCopy(5_000, systemClock, LIMITS);
    let broke = 0;
    const other = listener(small, { onTrouble: () => broke++ });
    try {
      await until(() => feed.streams.length === 2, LONG);
      await until(() => {
        feed.prove();
        return small.freshness().fresh;
      }, LONG);
      say();
      await until(() => broke === 1, LONG);
      expect([small.size, small.freshness().fresh]).toEqual([0, false]);
      // The stream of the first client is garbage now and then; it comes again each time, and nobody else does.
      feed.streams[0]?.write('retry: 10\n\n');
      for (let streams = 3; streams <= 6; streams++) {
        (streams === 3 ? feed.streams[0] : feed.streams.at(-1))?.write('event: proof\ndata: garbage\n\n');
        await until(() => feed.streams.length === streams, LONG);
      }
      expect(broke).toBe(1);
      expect(feed.streams[1]?.closed).toBe(true);
    } finally {
      other.stop();
    }
  });

  it('says nothing but comments before its first proof: it is left', async () => {
    const patient = listener(new RevocationCopy(5_000, systemClock), { silentMs: SILENT_MS });
    const comments = setInterval(() => {
      for (const stream of feed.streams) stream.write(': still here\n\nevent: news\ndata: {}\n\n');
    }, 20);
    try {
      await until(() => feed.streams.length >= 4, LONG);
      expect(feed.streams[0]?.closed).toBe(false);
    } finally {
      clearInterval(comments);
      patient.stop();
    }
  });

  it('takes long for its snapshot: that is no silence', async () => {
    const told = new RevocationCopy(5_000, systemClock);
    const patient = listener(told, { silentMs: SILENT_MS });
    try {
      await until(() => feed.streams.length === 2, LONG);
      const since = performance.now();
      await until(() => {
        feed.end('session', `s-${told.size}`);
        return performance.now() - since > 3 * SILENT_MS;
      }, LONG);
      expect([feed.streams.length, told.size > 10]).toEqual([2, true]);
    } finally {
      patient.stop();
    }
  });
});
