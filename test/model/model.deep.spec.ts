import 'reflect-metadata';
import { explore } from './explore.js';
import { Model } from './model.js';
import { LARGE } from './spaces.js';

/** Some 2 GB of memory; a space that is larger is searched breadth first up to here. */
const STATES = 5_000_000;

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
