import { Bench } from './bench.js';
import { KAFKA_PARTITIONS } from './hold-seeds.js';
import { KAFKA_MUTANTS } from './kafka-mutants.js';
import { runSeed } from './run-seed.js';

/** Of each mutant, before it counts as unseen. */
const SEEDS = 400;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open(KAFKA_PARTITIONS);
});
afterAll(() => bench.close());
beforeEach(() => bench.sweep());

it.each(KAFKA_MUTANTS)(
  'with Kafka as the log, sees $name',
  async (mutant) => {
    const { from = 1 } = mutant;
    for (let seed = from; seed < from + SEEDS; seed++) {
      const { broken } = await runSeed(bench, seed, mutant);
      if (broken.length === 0) continue;
      process.stdout.write(`${mutant.name}: seed ${seed}: ${broken[0]?.split('\n')[0]}\n`);
      expect(broken.join('\n')).toMatch(mutant.breaks);
      return;
    }
    throw new Error(`${SEEDS} seeds did not see it`);
  },
  600_000,
);
