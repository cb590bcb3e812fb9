import 'reflect-metadata';
import { type Exploration, explore } from './explore.js';
import { Model } from './model.js';
import { SPARE } from './mutants.js';
import { LARGE } from './spaces.js';

/** Some 2 GB of memory; a space that is larger is searched breadth first up to here. */
const STATES = 5_000_000;
const HALF_AN_HOUR = 1_800_000;

const say = (what: string, { states, transitions, depth, whole }: Exploration) =>
  process.stdout.write(`${what}: ${states} states, ${transitions} transitions, ${depth} steps deep${whole ? ', the whole space' : ''}\n`);

describe('the real rules keep every invariant', () => {
  it.each(LARGE.map((scope) => [scope.name, scope] as const))(
    'in: %s',
    (name, scope) => {
      const { states, transitions, depth, whole, found } = explore(new Model({ scope }), { states: STATES });
      process.stdout.write(
        `${name}: ${states} states, ${transitions} transitions, ${depth} steps deep${whole ? ', the whole space' : ''}\n`,
      );
      expect(found).toBeNull();
    },
    1_800_000,
  );
});

describe('a rule that may be left out is not missed in the whole space', () => {
  it.each(SPARE.map((mutant) => [mutant.name, mutant] as const))(
    '%s',
    (name, { rules, scope }) => {
      const explored = explore(new Model({ scope, rules, invariants: ['S1', 'S8', 'kept', 'confirmed'] }));
      say(name, explored);
      expect(explored.found).toBeNull();
      expect(explored.whole).toBe(true);
    },
    HALF_AN_HOUR,
  );
});
