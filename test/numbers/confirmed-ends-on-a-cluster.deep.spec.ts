import { EndsWorld } from './ends-world.js';

const ENDS = 10_000;

/**
 * As on the embedded default, with Kafka as the log and both introspect instances asked all the time. How fast they are is printed and not asserted: twelve processes,
 * a broker and four callers without a pause are more than two cores.
 */
describe(`${ENDS} ends in a row on a cluster of two of each`, () => {
  let world: EndsWorld;
  beforeAll(async () => {
    world = await EndsWorld.onCluster();
  }, 400_000);
  afterAll(() => world?.close(), 180_000);

  it('none is active at either instance after a confirmed acknowledgement, nor later than the bound after any', async () => {
    const { ends, violations } = await world.measure(ENDS);
    expect(violations).toEqual([]);
    expect(ends).toBe(ENDS);
    await world.receiver.received(ENDS, { timeoutMs: 120_000 });
  }, 5_400_000);
});
