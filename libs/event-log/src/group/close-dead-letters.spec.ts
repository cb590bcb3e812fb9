import { Metrics } from '#libs/metrics';
import { until } from '#libs/testing';
import { observeDeadLetters } from '../observe/observe-dead-letters.js';
import { GroupWorld } from '../testing/group-world.js';
import { LogWorld } from '../testing/log-world.js';
import { closedLettersMigration } from './closed-letters.migration.js';
import { DeadLetters, type Replayed } from './dead-letters.js';

let world: LogWorld;
let group: GroupWorld;
let letters: DeadLetters;
let broken: ReadonlySet<string>;
let seen: string[];
beforeEach(async () => {
  world = await LogWorld.create();
  group = new GroupWorld(world);
  broken = new Set();
  seen = [];
});
afterEach(async () => {
  await group.stop();
  await world.close();
});

/** The reader of the token service, whose handler fails for what is in `broken`. */
async function reading(): Promise<void> {
  const transport = await group.start(async ({ payload }) => {
    if (broken.has(payload.end_id)) throw new Error(`no ${payload.end_id} today`);
    seen.push(payload.end_id);
  });
  letters = new DeadLetters(world.owners.token, transport);
}

/** Their letters' numbers, in the order of the names. */
async function given(...names: string[]): Promise<number[]> {
  await reading();
  broken = new Set(names);
  await group.publish(...names);
  await until(async () => (await open()).length === names.length, { what: 'all are dead' });
  const rows = await world.database.query<{ id: string; end_id: string }>("SELECT id, body ->> 'end_id' AS end_id FROM token.dead_letter");
  return names.map((name) => Number(rows.find(({ end_id }) => end_id === name)?.id));
}

const nobody = async () => undefined;
const open = () => letters.list({ before: null, limit: 10, open: true });
const letter = async (id: number) => (await letters.list({ before: null, limit: 10 })).find((row) => row.id === id);
const now = async () => Number((await world.database.query('SELECT lanyard.now_ms() AS ms'))[0]?.ms);

async function pages(limit = 200): Promise<(string | null)[]> {
  const results: Replayed[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: Awaited<ReturnType<DeadLetters['replayAll']>> = await letters.replayAll(after, nobody, limit);
    results.push(...page.results);
    after = page.after;
  }
  return results.map(({ error }) => error);
}

describe('a dead letter that is closed', () => {
  it('is on the list of the open ones no more, and on the other with its time and its reason', async () => {
    const [a, b] = await given('a#1', 'b#1');
    const before = await now();
    const noted: (string | null)[] = [];
    expect(await letters.close([a as number], 'done by hand', async (_tx, { key }) => void noted.push(key))).toEqual([
      { id: a, closed: true, error: null },
    ]);
    expect(noted).toEqual(['a']);
    expect((await open()).map(({ id }) => id)).toEqual([b]);
    expect(await letters.list({ before: null, limit: 10, open: false })).toMatchObject([{ id: a, close_reason: 'done by hand' }]);
    expect(await letter(a as number)).toMatchObject({ closed_at: expect.any(Number), replayed_at: null });
    expect((await letter(a as number))?.closed_at).toBeGreaterThanOrEqual(before);
    expect(await letter(b as number)).toMatchObject({ closed_at: null, close_reason: null });
  });

  it('was closed once: later calls say so, and keep the first reason and time', async () => {
    const [id = 0] = await given('a#1');
    await letters.close([id], 'first', nobody);
    const first = await letter(id);
    const again = letters.close([id, id], 'second', () => Promise.reject(new Error('recorded twice')));
    expect(await again).toEqual([{ id, closed: false, error: 'closed before' }]);
    expect(await letter(id)).toEqual(first);
  });

  it('is closed by one of two operators who close the same ones at once, in whatever order they name them', async () => {
    const ids = await given('a#1', 'b#1', 'c#1', 'd#1');
    const noted: number[] = [];
    const close = (some: number[]) => letters.close(some, 'at once', async (_tx, { id }) => void noted.push(id));
    const answers = await Promise.all([close(ids), close(ids.toReversed()), close(ids)]);
    for (const id of ids) {
      const said = answers.map((results) => results.find((result) => result.id === id)?.error).toSorted();
      expect(said).toEqual(['closed before', 'closed before', null]);
    }
    expect(noted.toSorted()).toEqual(ids.toSorted());
    expect(await open()).toEqual([]);
  });

  it('is handed over all the same when somebody names it, and is then both', async () => {
    const [id = 0] = await given('a#1');
    await letters.close([id], 'by hand', nobody);
    expect(await letters.replay([id], nobody)).toEqual([{ id, replayed: false, error: 'no a#1 today' }]);
    expect(await open()).toEqual([]);
    broken = new Set();
    expect(await letters.replay([id], nobody)).toEqual([{ id, replayed: true, error: null }]);
    expect(seen).toEqual(['a#1']);
    expect(await letter(id)).toMatchObject({ closed_at: expect.any(Number), close_reason: 'by hand', replayed_at: expect.any(Number) });
  });

  it.each([1, 200])(
    'is passed over where all are replayed, and holds the later ones of its key back no more (pages of %i)',
    async (limit) => {
      const [first = 0] = await given('a#1', 'b#1', 'a#2');
      broken = new Set(['a#1']);
      await letters.close([first], 'by hand', nobody);
      expect(await pages(limit)).toEqual([null, null]);
      expect(seen.toSorted()).toEqual(['a#2', 'b#1']);
      expect(await letter(first)).toMatchObject({ replayed_at: null });
    },
  );
});

describe('what can’t be closed', () => {
  it('is said of each number: no such letter, or replayed before; the others are closed', async () => {
    const [a = 0, b = 0] = await given('a#1', 'b#1');
    broken = new Set();
    await letters.replay([a], nobody);
    expect(await letters.close([424_242, a, b], 'by hand', nobody)).toEqual([
      { id: 424_242, closed: false, error: 'there is no such dead letter' },
      { id: a, closed: false, error: 'replayed before' },
      { id: b, closed: true, error: null },
    ]);
    expect(await letter(a)).toMatchObject({ closed_at: null, close_reason: null });
  });

  it('is all of them when the audit of one can’t be written', async () => {
    const ids = await given('a#1', 'b#1');
    let calls = 0;
    const failing = letters.close(ids, 'by hand', () => (++calls === 2 ? Promise.reject(new Error('no audit')) : Promise.resolve()));
    await expect(failing).rejects.toThrow('no audit');
    expect(await open()).toHaveLength(2);
  });

  it('is all of them when the service goes before the commit', async () => {
    const ids = await given('a#1', 'b#1');
    const dying = letters.close(ids, 'by hand', async (tx) => {
      const { rows } = await tx.query('SELECT pg_backend_pid() AS pid');
      await world.database.query('SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    });
    await expect(dying).rejects.toThrow();
    expect(await open()).toHaveLength(2);
    expect((await letters.close(ids, 'by hand', nobody)).every(({ closed }) => closed)).toBe(true);
  });
});

test('numbers that retention took are one letter without an event: when it is closed, the gauge is 0 again', async () => {
  await group.publish('a', 'b', 'c');
  await world.database.query(
    "DELETE FROM session.outbox WHERE pseq <= 2; UPDATE session.outbox_partition SET swept = 2 WHERE stream = 'events'",
  );
  await reading();
  await group.reached(3);
  const metrics = new Metrics();
  observeDeadLetters(metrics, world.owners.token, 'token');
  const gauge = async () => (await metrics.text()).split('\n').filter((line) => line.startsWith('lanyard_dead_letters{source="session"}'));
  expect(await gauge()).toEqual(['lanyard_dead_letters{source="session"} 1']);
  const [swept] = await open();
  expect(swept).toMatchObject({ reason: 'swept', event_id: null });
  expect(await letters.close([swept?.id ?? 0], 'they stand with session', nobody)).toMatchObject([{ closed: true }]);
  expect([await gauge(), await open()]).toEqual([['lanyard_dead_letters{source="session"} 0'], []]);
});

test('the columns come to a table with letters in it, which are open; who does not know them goes on writing', async () => {
  const [id] = await given('a#1');
  const { up, down } = closedLettersMigration('token');
  for (const statement of down) await world.owners.token.query(statement);
  for (const statement of up) await world.owners.token.query(statement);
  expect(await open()).toMatchObject([{ id, closed_at: null, close_reason: null }]);
  await world.database.query(
    "INSERT INTO token.dead_letter (source, stream, partition, pseq, reason, tries, at) VALUES ('session', 'events', 0, 900, 'missing', 0, lanyard.now())",
  );
  expect(await open()).toHaveLength(2);
  await expect(world.database.query('UPDATE token.dead_letter SET closed_at = lanyard.now()')).rejects.toThrow('closed_for_a_reason');
});
