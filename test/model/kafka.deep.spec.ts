import 'reflect-metadata';
import { type Exploration, explore } from './explore.js';
import { KAFKA_SPARE } from './kafka-mutants.js';
import { LARGE_KAFKA } from './kafka-spaces.js';
import { Model } from './model.js';

/** A space that is larger is searched breadth first up to here. */
const STATES = 1_000_000;
const HALF_AN_HOUR = 1_800_000;

const say = (what: string, { states, transitions, depth, whole }: Exploration) =>
  process.stdout.write(`${what}: ${states} states, ${transitions} transitions, ${depth} steps deep${whole ? ', the whole space' : ''}\n`);

describe('with Kafka as the log the real rules keep every invariant', () => {
  it.each(LARGE_KAFKA.map((scope) => [scope.name, scope] as const))(
    'in: %s',
    (name, scope) => {
      const explored = explore(new Model({ scope }), { states: STATES });
      say(name, explored);
      expect(explored.found).toBeNull();
    },
    HALF_AN_HOUR,
  );
});

describe('a rule that may be left out is not missed in the whole space', () => {
  it.each(KAFKA_SPARE.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    (name, { rules, scope }) => {
      const explored = explore(new Model({ scope, rules, invariants: ['S1', 'S8', 'kept', 'S4'] }));
      say(name, explored);
      expect(explored.found).toBeNull();
      expect(explored.whole).toBe(true);
    },
    HALF_AN_HOUR,
  );
});
