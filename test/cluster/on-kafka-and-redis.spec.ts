import { eachFaultOnce } from '../chaos/each-fault-once.js';
import { rollingRestart } from './rolling-restart.js';
import { ClusterWorld } from './start-cluster.js';
import { threeOfEach } from './three-of-each.js';

/**
 * Issue 5, items 5 and "the proof": one cluster that lives through all of it, in this order, as starting one is what costs. It begins with three of each
 * service on empty stores, is made smaller, rolled, and at last broken.
 */
describe('a cluster on Kafka and Redis', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await ClusterWorld.of(3, 'kafka');
    await world.cluster.start();
  }, 400_000);
  afterAll(() => world?.close(), 120_000);

  threeOfEach(() => world);
  rollingRestart(() => world);
  eachFaultOnce(() => world);
});
