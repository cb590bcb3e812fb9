import { FeedError, FeedTooLarge } from './feed-events.js';
import { Retry } from './retry.js';

const broke = { error: new Error('it broke off'), garbage: false, waitMs: 0 };

describe('after a stream that ended the next one is begun', () => {
  it('within a quarter of a second, and later from failure to failure, within five', () => {
    const retry = new Retry();
    for (const most of [250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      const after = retry.after(broke, undefined);
      expect(after).toBeGreaterThanOrEqual(most / 2);
      expect(after).toBeLessThanOrEqual(most);
    }
    retry.proved();
    expect(retry.after(broke, undefined)).toBeLessThanOrEqual(250);
  });

  it('when the server says, within limits', () => {
    expect(new Retry().after(broke, 1_000)).toBeGreaterThanOrEqual(500);
    expect(new Retry().after(broke, 0)).toBeGreaterThanOrEqual(5);
    expect(new Retry().after(broke, 999_999_999)).toBeLessThanOrEqual(5_000);
    expect(new Retry().after({ ...broke, waitMs: 30_000 }, undefined)).toBe(30_000);
  });

  it('after a minute where it said more than can be kept: it would say it again', () => {
    const retry = new Retry();
    for (let n = 0; n < 10; n++) expect(retry.after({ error: new FeedTooLarge('x'), garbage: true, waitMs: 0 }, 10)).toBe(60_000);
    expect(new Retry().after({ error: new FeedError('x'), garbage: true, waitMs: 0 }, 10)).toBeLessThanOrEqual(10);
  });
});
