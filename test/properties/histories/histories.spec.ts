import fc from 'fast-check';
import type { InProcessServices } from '#libs/testing';
import { Operator } from '../../actors/operator.js';
import { replay } from '../replay.js';
import { differences } from './compare.js';
import { RealServer } from './real-server.js';
import { startForHistories } from './stand.js';
import { histories, type Step } from './steps.js';

let services: InProcessServices;
let operator: Operator;
beforeAll(async () => {
  services = await startForHistories();
  operator = new Operator(services);
}, 120_000);
afterAll(() => services?.stop());

const told = async (steps: readonly Step[]) => differences(await RealServer.withFreshPeople(services, operator), steps);

test('after each step of a history all that was ever issued is as alive as the promises say', async () => {
  const property = fc.asyncProperty(histories, async (steps) => expect(await told(steps)).toEqual([]));
  await fc.assert(property, replay({ numRuns: 10, seed: 20_261_121 }));
}, 120_000);
