import fc from 'fast-check';
import { accessTokenTimes, offlineDeadline } from '../src/issuing/lifetimes.js';
import { Deadline, REQUEST_DEADLINE_MS } from '../src/token/deadline.js';

const ms = fc.integer({ min: 1_000_000_000_000, max: 2_000_000_000_000 });

describe('the times of an access token', () => {
  it('never lie beyond the session’s end, never exceed the lifetime, and never start after the liveness read', () => {
    fc.assert(
      fc.property(ms, fc.integer({ min: 1, max: 3_600 }), fc.option(fc.integer({ min: -10_000, max: 10_000_000 })), (read, ttl, left) => {
        const notAfter = left === null ? null : read + left;
        const times = accessTokenTimes(read, ttl, notAfter);
        if (!times) return void expect(left ?? 0).toBeLessThan(2_000);
        expect(times.iat * 1_000).toBeLessThanOrEqual(read);
        expect(times.exp - times.iat).toBeLessThanOrEqual(ttl);
        expect(times.exp).toBeGreaterThan(times.iat);
        if (notAfter !== null) expect(times.exp * 1_000).toBeLessThanOrEqual(notAfter);
      }),
    );
  });
});

describe('an offline grant', () => {
  it('dies of idleness, or of age where an age is set, whichever comes first', () => {
    const used = { createdAt: 0, lastUsedAt: 50_000 };
    expect(offlineDeadline(used, { offline_idle: 100, offline_max: null })).toBe(150_000);
    expect(offlineDeadline(used, { offline_idle: 100, offline_max: 120 })).toBe(120_000);
  });
});

describe('a request’s deadline', () => {
  it('passes at ten seconds and refuses with a 503 after', () => {
    let now = 500;
    const deadline = new Deadline(500, () => now);
    now += REQUEST_DEADLINE_MS;
    expect(() => deadline.check()).not.toThrow();
    now += 1;
    expect(() => deadline.check()).toThrow(expect.objectContaining({ status: 503, code: 'temporarily_unavailable' }));
  });
});
