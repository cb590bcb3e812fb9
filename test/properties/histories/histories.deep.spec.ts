import fc from 'fast-check';
import type { InProcessServices } from '#libs/testing';
import { Operator } from '../../actors/operator.js';
import { atRandom } from '../replay.js';
import { differences } from './compare.js';
import { FLAWS } from './flaws.js';
import { forged } from './forged-server.js';
import { Model } from './model.js';
import { RealServer } from './real-server.js';
import { startForHistories } from './stand.js';
import { histories, type Step } from './steps.js';

/** The long version of histories.spec.ts and flaws.spec.ts. */
let services: InProcessServices;
let operator: Operator;
beforeAll(async () => {
  services = await startForHistories();
  operator = new Operator(services);
}, 360_000);
afterAll(() => services?.stop());

const told = async (steps: readonly Step[], model?: Model) =>
  differences(await RealServer.withFreshPeople(services, operator), steps, model);

test('after each step of hundreds of histories all that was ever issued is as alive as the promises say', async () => {
  const property = fc.asyncProperty(histories, async (steps) => expect(await told(steps)).toEqual([]));
  await fc.assert(property, atRandom(300));
}, 1_800_000);

/** A history by which a forged server was refuted refutes, at the real one, a model that expects the forgery. */
test.each(FLAWS)(
  'the real server differs from one where %s',
  async (flaw) => {
    const property = fc.asyncProperty(histories, async (steps) => (await differences(forged(flaw), steps)).length === 0);
    const [steps = []] = (await fc.check(property, { numRuns: 2_000, seed: 20_261_121 })).counterexample ?? [];
    expect(steps).not.toEqual([]);
    expect(await told(steps)).toEqual([]);
    expect(await told(steps, new Model(flaw))).not.toEqual([]);
  },
  60_000,
);
