import { Bench } from './bench.js';
import { holdSeeds, KAFKA_PARTITIONS } from './hold-seeds.js';

const SEEDS = 120;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(KAFKA_PARTITIONS);
});
afterAll(() => bench.close());

it(`holds S1 to S11, K1 to K3 after every step of ${SEEDS} seeds, with Kafka as the log and a broker that breaks every promise`, async () => {
  const tally = await holdSeeds(bench, 1, SEEDS);
  process.stdout.write(`simulation, with Kafka: ${JSON.stringify(tally)}\n`);
  for (const [what, times] of Object.entries(tally)) expect([what, times > 0]).toEqual([what, true]);
}, 600_000);
