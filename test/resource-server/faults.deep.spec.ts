import { only } from './faults/answers-history.js';
import { isOurs } from './faults/apis.js';
import { FaultWorld } from './faults/fault-world.js';
import type { Fault, Faults } from './faults/faults.js';
import { figuresOf, figuresTable } from './faults/figures.js';
import { judge } from './faults/judge-answers.js';

const ROUNDS = 3;

/** Each way in which something can be away, and some two at a time. */
function all(faults: Faults): Fault[] {
  const hows = ['killed', 'stopped'] as const;
  const weathers = [
    { kind: 'cut' },
    { kind: 'hole' },
    { kind: 'half-open' },
    { kind: 'delay', ms: 100 },
    { kind: 'delay', ms: 400 },
  ] as const;
  return [
    ...weathers.map((weather) => faults.feed(weather)),
    ...hows.flatMap((how) => [faults.kafka(how), faults.postgres(how), faults.introspect(how), faults.oneIntrospect(how)]),
    faults.both(faults.feed({ kind: 'hole' }), faults.kafka('killed')),
    faults.both(faults.feed({ kind: 'cut' }), faults.postgres('stopped')),
    faults.both(faults.kafka('stopped'), faults.oneIntrospect('killed')),
  ];
}

/** The long version: everything that `npm test` breaks and what it leaves out, over and over on the same processes. */
describe('resource servers that are called without a pause while sessions end, for minutes', () => {
  let world: FaultWorld;
  beforeAll(async () => {
    world = await FaultWorld.start();
  }, 400_000);
  afterAll(() => world?.close(), 120_000);

  it('keep the promise in every single answer', async () => {
    for (let round = 0; round < ROUNDS; round++) for (const fault of all(world.faults)) await world.suffer(fault);
    const ours = only(await world.over(), isOurs);
    process.stdout.write(`\n${figuresTable(figuresOf(ours))}\n`);
    expect(judge(ours)).toEqual([]);
    expect(world.services.lost).toEqual([]);
  }, 1_800_000);
});
