import 'reflect-metadata';
import { type Exploration, explore } from './explore.js';
import { KAFKA_MUTANTS } from './kafka-mutants.js';
import { SMALL_KAFKA } from './kafka-spaces.js';
import { Model } from './model.js';

const MINUTES = 120_000;
const said: string[] = [];
const counted = (what: string, { states, transitions, depth, whole }: Exploration) =>
  said.push(`${what}: ${states} states, ${transitions} transitions, ${depth} steps deep${whole ? ', the whole space' : ''}`);

afterAll(() => void process.stdout.write(`${said.join('\n')}\n`));

describe('with Kafka as the log the real rules keep every invariant', () => {
  it.each(SMALL_KAFKA.map((scope) => [scope.name, scope] as const))(
    'in the whole space of: %s',
    (_name, scope) => {
      const explored = explore(new Model({ scope }));
      counted(scope.name, explored);
      expect(explored.found).toBeNull();
      expect(explored.whole).toBe(true);
    },
    MINUTES,
  );
});

describe('a rule left out is noticed', () => {
  it.each(KAFKA_MUTANTS.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    (_name, { name, rules, scope, by, of }) => {
      const { found, ...explored } = explore(new Model({ scope, rules, invariants: [by] }), { states: 200_000 });
      const history = found?.history.map((step, n) => `  ${n + 1}. ${step}`).join('\n');
      said.push(
        `\nwithout the rule (${of}): ${name}: ${found?.invariant ?? 'nothing is noticed'}; ${explored.states} states\n${history ?? ''}`,
      );
      expect(found?.invariant).toMatch(by);
    },
    MINUTES,
  );
});
