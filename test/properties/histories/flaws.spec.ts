import fc from 'fast-check';
import { differences } from './compare.js';
import { FLAWS } from './flaws.js';
import { forged } from './forged-server.js';
import { histories } from './steps.js';

/** The checker against forged servers, in memory. */
const SEED = 20_261_121;
const BOUND = 2_000;

test.each(FLAWS)('a server is refuted where %s', async (flaw) => {
  const property = fc.asyncProperty(histories, async (steps) => (await differences(forged(flaw), steps)).length === 0);
  const { failed, counterexample } = await fc.check(property, { numRuns: BOUND, seed: SEED });
  expect(failed).toBe(true);
  expect(await differences(forged(flaw), counterexample?.[0] ?? [])).not.toEqual([]);
});

test('a server that keeps every promise is not refuted', async () => {
  const property = fc.asyncProperty(histories, async (steps) => expect(await differences(forged(), steps)).toEqual([]));
  await fc.assert(property, { numRuns: BOUND, seed: SEED });
});
