import fc from 'fast-check';
import { type InProcessServices, startServices, testConfig } from '#libs/testing';
import { Operator } from '../../actors/operator.js';
import { atRandom } from '../replay.js';
import { Asking, CONFIG } from './ask.js';
import { tokenRequests } from './grammar.js';
import { differences } from './judge.js';

/** The long version of token-requests.spec.ts. The seed is printed; a failure prints the path as well. */
let services: InProcessServices;
beforeAll(async () => {
  services = await startServices({ config: testConfig(CONFIG) });
  await new Operator(services).call('auth', 'POST', '/admin/clients/photo-backup/disable');
}, 360_000);
afterAll(() => services?.stop());

test('thousands of token requests from a grammar are answered as the standards say', async () => {
  const asking = new Asking(services);
  const property = fc.asyncProperty(tokenRequests, async (asked) => expect(await differences(asking, asked)).toEqual([]));
  // Failed authentications are throttled by the minute, which is another rule.
  property.beforeEach(async () => void (await services.world.database.query('DELETE FROM ephemeral.counter')));
  await fc.assert(property, atRandom(5_000));
}, 1_800_000);
