import { only } from './faults/answers-history.js';
import { isOurs } from './faults/apis.js';
import { FaultWorld } from './faults/fault-world.js';
import type { Fault, Faults } from './faults/faults.js';
import { figuresOf, figuresTable } from './faults/figures.js';
import { judge } from './faults/judge-answers.js';

/** Each way in which something can be away, and some two at a time. */
const FAULTS: readonly (readonly [string, (faults: Faults) => Fault])[] = [
  ['the feed’s connections are cut', (faults) => faults.feed({ kind: 'cut' })],
  ['what the feed says vanishes both ways', (faults) => faults.feed({ kind: 'hole' })],
  ['nothing comes back from the feed', (faults) => faults.feed({ kind: 'half-open' })],
  ['the feed is a little late', (faults) => faults.feed({ kind: 'delay', ms: 100 })],
  ['the feed is late', (faults) => faults.feed({ kind: 'delay', ms: 400 })],
  ['Kafka is killed', (faults) => faults.kafka('killed')],
  ['Kafka is stopped', (faults) => faults.kafka('stopped')],
  ['Postgres is killed', (faults) => faults.postgres('killed')],
  ['Postgres is stopped', (faults) => faults.postgres('stopped')],
  ['every introspect service is killed', (faults) => faults.introspect('killed')],
  ['every introspect service is stopped', (faults) => faults.introspect('stopped')],
  ['one introspect service of two is killed', (faults) => faults.oneIntrospect('killed')],
  ['one introspect service of two is stopped', (faults) => faults.oneIntrospect('stopped')],
  ['the feed vanishes and Kafka is killed', (faults) => faults.both(faults.feed({ kind: 'hole' }), faults.kafka('killed'))],
  ['the feed is cut and Postgres is stopped', (faults) => faults.both(faults.feed({ kind: 'cut' }), faults.postgres('stopped'))],
  ['Kafka is stopped and one introspect killed', (faults) => faults.both(faults.kafka('stopped'), faults.oneIntrospect('killed'))],
];
const ROUNDS = [1, 2, 3];

/** The long version: everything that `npm test` breaks and what it leaves out, over and over on the same processes. */
describe('resource servers that are called without a pause while sessions end, for minutes', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  }, 400_000);
  afterAll(() => world?.close(), 120_000);

  describe.each(ROUNDS)('round %i', () => {
    it.each(FAULTS)(
      'when %s: who can’t know says 503, who can goes on, and all accept again afterwards',
      async (_what, of) => {
        await world.suffer(of(world.faults));
      },
      400_000,
    );
  });

  it('no answer of all broke the promise', async () => {
    const ours = only(await world.over(), isOurs);
    process.stdout.write(`\n${figuresTable(figuresOf(ours))}\n`);
    expect(judge(ours)).toEqual([]);
    expect(world.services.lost).toEqual([]);
  }, 240_000);
});
