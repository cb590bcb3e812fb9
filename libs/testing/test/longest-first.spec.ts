import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const folder = join(import.meta.dirname, '../jest');
const longest = JSON.parse(readFileSync(join(folder, 'longest-first.json'), 'utf8')) as string[];

interface Test {
  readonly path: string;
  readonly context: object;
}
interface Sequencer {
  sort(tests: Test[]): Test[];
}

/** Jest's own, with no durations of an earlier run. */
function sequencer(): Sequencer {
  const LongestFirst = createRequire(join(folder, 'of-this-spec.cjs'))('./longest-first.cjs') as new (of: object) => Sequencer;
  return new LongestFirst({ contexts: [], globalConfig: { rootDir: root } });
}

it('every file that is named to run first exists, and is named once', () => {
  expect(longest.filter((name) => !existsSync(join(root, name)))).toEqual([]);
  expect(new Set(longest).size).toBe(longest.length);
});

it('runs the named files first in their order, then the others by their size', () => {
  const sizes: Record<string, number> = { 'a.spec.ts': 10, 'b.spec.ts': 90 };
  const context = {
    config: { id: 'of-this-spec', cacheDirectory: join(folder, 'no-cache-here') },
    hasteFS: { getSize: (path: string) => sizes[path.slice(root.length + 1)] ?? 1 },
  };
  const named = longest.slice(0, 3);
  const given = ['a.spec.ts', named[2], 'b.spec.ts', named[0], named[1]].map((name) => ({ path: join(root, name ?? ''), context }));
  const order = sequencer()
    .sort(given)
    .map(({ path }) => path.slice(root.length + 1));
  expect(order).toEqual([...named, 'b.spec.ts', 'a.spec.ts']);
});
