import { explore } from './explore.js';
import { FeedModel, type FeedScope } from './feed.js';

const ONE: FeedScope = { ends: 1, reads: 3, probes: 1, moves: 2, restarts: 0 };

it.each([
  ['three reads, two connections', ONE],
  ['a restart of Postgres', { ...ONE, moves: 1, restarts: 1 }],
  ['two ends', { ...ONE, ends: 2, reads: 2 }],
] as [string, FeedScope][])(
  'what a listener of the feed calls complete it has: %s',
  (name, scope) => {
    const { found, ...explored } = explore(new FeedModel(scope), { states: 3_000_000 });
    process.stdout.write(`${name}: ${JSON.stringify(explored)}\n`);
    expect(found).toBeNull();
  },
  3_600_000,
);
