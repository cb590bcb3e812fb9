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
}, 360_000);
afterAll(() => services?.stop());

const told = async (steps: readonly Step[]) => differences(await RealServer.withFreshPeople(services, operator), steps);

test('after each step of a history all that was ever issued is as alive as the promises say', async () => {
  const property = fc.asyncProperty(histories, async (steps) => expect(await told(steps)).toEqual([]));
  await fc.assert(property, replay({ numRuns: 10, seed: 20_261_121 }));
}, 360_000);

/** Corners that ten histories meet seldom. */
const issue = { do: 'issue', session: 0, client: 0, offline: false } as const;
const refresh = { do: 'refresh', family: 0, behind: 0 } as const;
const NAMED: [string, Step[]][] = [
  [
    'a public client repeats within the grace, and after it',
    [
      { ...issue, client: 2 },
      refresh,
      { ...refresh, behind: 1 },
      { do: 'wait', time: 'over the grace' },
      { ...refresh, behind: 1 },
      refresh,
    ],
  ],
  [
    'the session ends: offline goes on, online does not',
    [{ ...issue, client: 1, offline: true }, issue, { do: 'log out', session: 0 }, refresh, { ...refresh, family: 1 }],
  ],
  [
    'sealing keys are revoked: tokens die, families go on',
    [issue, { do: 'rotate keys' }, refresh, { do: 'revoke sealing keys' }, refresh, { ...refresh, behind: 1 }],
  ],
];
test.each(NAMED)('%s', async (_, steps) => expect(await told([{ do: 'sign in', person: 0 }, ...steps])).toEqual([]));
