import { Bench } from './bench.js';
import { KAFKA_PARTITIONS, partitionsToReplay, reportOf, seedToReplay } from './hold-seeds.js';
import { runSeed } from './run-seed.js';

const benches: Bench[] = [];
async function open(partitions: number | null): Promise<Bench> {
  const bench = await Bench.open(partitions);
  benches.push(bench);
  return bench;
}
afterEach(async () => {
  for (const bench of benches.splice(0)) await bench.close();
});

/** Which of two that wait for one row wakes first is the server's choice, and the one thing the seed doesn't decide. */
const waited = (history: readonly string[]) => history.some((line) => line.includes('got its lock'));

it.each([
  ['', null, [7, 19, 23, 42, 77, 101, 102, 103, 104, 105]],
  [' with Kafka as the log', KAFKA_PARTITIONS, [7, 19, 23, 42, 77]],
] as const)(
  'gives the same history twice, whatever ran before, as long as nobody waits for a lock%s',
  async (_log, partitions, seeds) => {
    const bench = await open(partitions);
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
  },
  180_000,
);

it('replays the seed of LANYARD_SIMULATION_SEED and prints its history; else the first', async () => {
  const asked = seedToReplay();
  const partitions = partitionsToReplay();
  const result = await runSeed(await open(partitions), asked ?? 1);
  if (asked !== null) process.stdout.write(`${result.history.join('\n')}\n`);
  if (result.broken.length > 0) throw new Error(reportOf(result, partitions !== null));
}, 60_000);
