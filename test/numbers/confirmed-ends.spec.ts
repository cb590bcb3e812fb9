import { EndsWorld } from './ends-world.js';

const ENDS = 500;

/** The short version: what must not happen. How fast it is depends on what else the machine does, so that is only printed. */
describe(`${ENDS} ends in a row while an API introspects each session's token in a tight loop`, () => {
  let world: EndsWorld;
  beforeAll(async () => {
    world = await EndsWorld.start();
  }, 360_000);
  afterAll(() => world?.close(), 180_000);

  it('none is active after a confirmed acknowledgement, and none later than the bound after any; the client is told of each', async () => {
    const { ends, violations } = await world.measure(ENDS);
    expect(violations).toEqual([]);
    expect(ends).toBe(ENDS);
    await world.receiver.received(ENDS, { timeoutMs: 30_000 });
  }, 540_000);
});
