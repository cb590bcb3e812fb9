import { EPHEMERAL_CASES } from '#libs/ephemeral';
import { type FallbackHarness, fallbackHarness } from './fallback-harness.js';

const HOUR = 3_600_000;
let harness: FallbackHarness;
beforeAll(async () => {
  harness = await fallbackHarness();
});
afterAll(() => harness?.close());

const names = (cases: typeof EPHEMERAL_CASES) => cases.map((each) => [each.name, each] as const);

describe('Redis with Postgres behind it keeps the contract', () => {
  describe('while Redis is younger than the windows, so that Postgres counts', () => {
    it.each(names(EPHEMERAL_CASES.filter(({ name }) => name.startsWith('counter'))))('%s', (_name, each) => each.run(harness));
  });

  describe('while Redis does all of it', () => {
    beforeAll(() => harness.advance(HOUR));
    it.each(names(EPHEMERAL_CASES.filter(({ name }) => !name.includes('lost its marks'))))('%s', (_name, each) => each.run(harness));
    it.each(names(EPHEMERAL_CASES.filter(({ name }) => name.includes('lost its marks'))))('%s', (_name, each) => each.run(harness));
  });

  describe('while Redis is away, all but marks', () => {
    beforeAll(() => harness.redis.server.kill());
    const served = EPHEMERAL_CASES.filter(({ name }) => name.startsWith('counter'));
    const alone = () => ({ ...harness, advance: harness.postgres.advance });
    it.each(names(served))('%s', (_name, each) => each.run(alone()));

    it('an object put now is read, changed and taken now, once', async () => {
      const objects = harness.ephemeral.objects('case');
      const { version } = await objects.put('new', { n: 1 }, 60_000);
      expect((await objects.update('new', version, { n: 2 }))?.value).toEqual({ n: 2 });
      const taken = await Promise.allSettled(Array.from({ length: 50 }, () => objects.take('new')));
      expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });
});
