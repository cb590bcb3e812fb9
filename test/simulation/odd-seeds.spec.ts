import { Bench } from './bench.js';
import { holdSeeds } from './hold-seeds.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

it('holds S1 to S11 after every step of 1,000 odd seeds, in which everything that can go wrong does', async () => {
  const tally = await holdSeeds(bench, 1, 1_000, 2);
  process.stdout.write(`simulation, odd seeds: ${JSON.stringify(tally)}\n`);
  for (const [what, times] of Object.entries(tally)) expect([what, times > 0]).toEqual([what, true]);
}, 600_000);
