import { only } from './faults/answers-history.js';
import { isOurs } from './faults/apis.js';
import { FaultWorld } from './faults/fault-world.js';
import type { Fault, Faults } from './faults/faults.js';
import { figuresOf, figuresTable } from './faults/figures.js';
import { judge } from './faults/judge-answers.js';

/**
 * Issue 6, "Shown by": what a resource server depends on is away in turn while it is called without a pause. Four of them, opaque tokens and JWTs under both
 * policies; every single answer is judged at the end.
 */
const FAULTS: readonly (readonly [string, (faults: Faults) => Fault])[] = [
  ['the feed’s connections are cut', (faults) => faults.feed({ kind: 'cut' })],
  ['nothing comes back from the feed', (faults) => faults.feed({ kind: 'half-open' })],
  ['the feed is late', (faults) => faults.feed({ kind: 'delay', ms: 300 })],
  ['Kafka is stopped', (faults) => faults.kafka('stopped')],
  ['Postgres is killed', (faults) => faults.postgres('killed')],
  ['every introspect service is killed', (faults) => faults.introspect('killed')],
  ['every introspect service is stopped', (faults) => faults.introspect('stopped')],
];

describe('resource servers that are called without a pause while sessions end', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  }, 400_000);
  afterAll(() => world?.close(), 120_000);

  it.each(FAULTS)(
    'when %s: who can’t know says 503, who can goes on, and all accept again afterwards',
    async (_what, of) => {
      await world.suffer(of(world.faults));
    },
    180_000,
  );

  it('no answer of all broke the promise; those of an API with an ordinary cache did', async () => {
    const history = await world.over();
    const ours = only(history, isOurs);
    process.stdout.write(`\n${figuresTable(figuresOf(ours))}\n`);
    expect(judge(ours)).toEqual([]);
    expect(history.broken.length).toBe(FAULTS.length);
    const late = judge(only(history, (at) => !isOurs(at))).filter(({ kind }) => kind === 'accepted after the bound');
    expect(late.length).toBeGreaterThan(FAULTS.length);
    expect(world.services.lost).toEqual([]);
  }, 120_000);
});
