import { Bench } from './bench.js';
import { holdSeeds } from './hold-seeds.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

it('holds S1 to S11 after every step of 1,000 even seeds, in which everything that can go wrong does', async () => {
  const tally = await holdSeeds(bench, 2, 1_000, 2);
  process.stdout.write(`simulation, even seeds: ${JSON.stringify(tally)}\n`);
  for (const [what, times] of Object.entries(tally)) expect([what, times > 0]).toEqual([what, true]);
}, 600_000);
