import { Bench } from './bench.js';
import { holdSeeds, KAFKA_PARTITIONS } from './hold-seeds.js';

/** Beyond those of `npm test`. Another part of them: LANYARD_SIMULATION_FIRST and LANYARD_SIMULATION_SEEDS. */
const FIRST = Number(process.env.LANYARD_SIMULATION_FIRST ?? 10_001);
const SEEDS = Number(process.env.LANYARD_SIMULATION_SEEDS ?? 10_000);
const PART = 250;
/** A seed takes a sixth of a second; a machine that others use is given two. */
const PATIENCE_MS = 2_000;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(KAFKA_PARTITIONS);
});
afterAll(() => bench.close());

it(
  'holds S1 to S11, K1 to K3 after every step of 10,000 seeds, with Kafka as the log',
  async () => {
    for (let done = 0; done < SEEDS; done += PART) {
      const tally = await holdSeeds(bench, FIRST + done, Math.min(PART, SEEDS - done));
      process.stdout.write(`simulation with Kafka, ${Math.min(done + PART, SEEDS)} seeds: ${JSON.stringify(tally)}\n`);
    }
  },
  SEEDS * PATIENCE_MS,
);
