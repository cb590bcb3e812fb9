import { Bench } from './bench.js';
import { holdSeeds } from './hold-seeds.js';

/** Beyond those of `npm test`. Another part of them: LANYARD_SIMULATION_FIRST and LANYARD_SIMULATION_SEEDS. */
const FIRST = Number(process.env.LANYARD_SIMULATION_FIRST ?? 10_001);
const SEEDS = Number(process.env.LANYARD_SIMULATION_SEEDS ?? 100_000);
const PART = 250;
/** A seed takes some tens of milliseconds; a machine that others use is given a second. */
const PATIENCE_MS = 1_000;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

it(
  'holds S1 to S11 after every step of 100,000 seeds',
  async () => {
    for (let done = 0; done < SEEDS; done += PART) {
      const tally = await holdSeeds(bench, FIRST + done, Math.min(PART, SEEDS - done));
      process.stdout.write(`simulation, ${Math.min(done + PART, SEEDS)} seeds: ${JSON.stringify(tally)}\n`);
    }
  },
  SEEDS * PATIENCE_MS,
);
