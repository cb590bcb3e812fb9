import { Bench } from './bench.js';
import { reportOf, seedToReplay } from './hold-seeds.js';
import { runSeed } from './run-seed.js';

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
});
afterAll(() => bench.close());

/** Which of two that wait for one row wakes first is the server's choice, and the one thing the seed doesn't decide. */
const waited = (history: readonly string[]) => history.some((line) => line.includes('got its lock'));

it('gives the same history twice, whatever ran before, as long as nobody waits for a lock', async () => {
  const seeds = [7, 19, 23, 42, 77, 101, 102, 103, 104, 105];
  const first = [];
  for (const seed of seeds) first.push(await runSeed(bench, seed));
  await bench.sweep();
  const free = first.reverse().filter(({ history }) => !waited(history));
  expect(free.length).toBeGreaterThan(2);
  for (const before of free) {
    const again = await runSeed(bench, before.seed);
    expect(again.history).toEqual(before.history);
    expect(again.fingerprint).toBe(before.fingerprint);
  }
}, 180_000);

it('replays the seed of LANYARD_SIMULATION_SEED and prints its history; else the first', async () => {
  const asked = seedToReplay();
  const result = await runSeed(bench, asked ?? 1);
  if (asked !== null) process.stdout.write(`${result.history.join('\n')}\n`);
  if (result.broken.length > 0) throw new Error(reportOf(result));
}, 180_000);
