import { ClusterWorld } from '../cluster/start-cluster.js';
import { eachFaultOnce } from './each-fault-once.js';

/** What `npm test` proves on Kafka and Redis (test/cluster/on-kafka-and-redis.spec.ts), on Postgres alone. */
describe('a cluster on the Postgres log', () => {
  let world: ClusterWorld;
  beforeAll(async () => {
    world = await ClusterWorld.of(2, 'postgres');
    await world.cluster.start();
  }, 400_000);
  afterAll(() => world?.close(), 120_000);

  eachFaultOnce(() => world);
});
