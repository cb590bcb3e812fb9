import fc from 'fast-check';
import { type InProcessServices, startServices, testConfig } from '#libs/testing';
import { Operator } from '../../actors/operator.js';
import { replay } from '../replay.js';
import { Asking, CONFIG } from './ask.js';
import { type MadeUp, tokenRequests, WELL_FORMED } from './grammar.js';
import { differences } from './judge.js';
import { expected } from './model.js';

/** The same requests in every `npm test`; */
const SEED = 20_261_121;
let services: InProcessServices;
let asking: Asking;
beforeAll(async () => {
  services = await startServices({ config: testConfig(CONFIG) });
  asking = new Asking(services);
  await new Operator(services).call('auth', 'POST', '/admin/clients/photo-backup/disable');
}, 360_000);
afterAll(() => services?.stop());

test('token requests from a grammar are answered as the standards say', async () => {
  const property = fc.asyncProperty(tokenRequests, async (asked) => expect(await differences(asking, asked)).toEqual([]));
  await fc.assert(property, replay({ numRuns: 200, seed: SEED }));
}, 360_000);

/** Shrunk counterexamples, and corners that chance meets seldom. */
const NAMED: [string, Partial<MadeUp>][] = [
  ['a code and everything right', {}],
  ['a code and a verifier that no challenge asked for', { withChallenge: false }],
  ['a code that is spent, by the right party', { artefact: 'spent' }],
  ['a code that is spent, with a wrong verifier', { artefact: 'spent', verifier: 'wrong' }],
  // Was refused with invalid_scope: seed 1335726148, path 78:0.
  ['a code, and a malformed scope, which a code request does not have', { scope: 'malformed' }],
  ['a refresh with a token two behind', { grantType: 'refresh_token', artefact: 'spent' }],
  ['a refresh for one API', { grantType: 'refresh_token', resource: 'photos' }],
];
test.each(NAMED)('%s', async (_, said) => {
  expect(await differences(asking, { ...WELL_FORMED, ...said })).toEqual([]);
});

test.each([
  ['a spent code harms nothing', (asked: MadeUp) => ({ ...expected(asked), usableAfter: true })],
  [
    'any error may be invalid_request',
    (asked: MadeUp) => ({ ...expected(asked), errors: expected(asked).errors.map(() => 'invalid_request') }),
  ],
])(
  'a wrong model is refuted: %s',
  async (_, wrong) => {
    const property = fc.asyncProperty(tokenRequests, async (asked) => (await differences(asking, asked, wrong)).length === 0);
    expect((await fc.check(property, { numRuns: 100, seed: 1, endOnFailure: true })).failed).toBe(true);
  },
  60_000,
);
