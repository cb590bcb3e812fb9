import { until } from '#libs/testing';
import { GroupWorld } from '../testing/group-world.js';
import { LogWorld } from '../testing/log-world.js';
import type { DeadLetter } from './dead-letter.js';
import { DeadLetters, type Replayed } from './dead-letters.js';

describe('dead letters of a group reader', () => {
  let world: LogWorld;
  let group: GroupWorld;
  let letters: DeadLetters;
  let broken = new Set<string>();
  const seen: string[] = [];

  beforeAll(async () => {
    world = await LogWorld.create();
    group = new GroupWorld(world);
    const transport = await group.start(async ({ payload }) => {
      if (broken.has(payload.end_id)) throw new Error(`no ${payload.end_id} today`);
      seen.push(payload.end_id);
    });
    letters = new DeadLetters(world.owners.token, transport);
    broken = new Set(['a#1', 'a#2', 'b#1']);
    await group.publish('a#1', 'a#2', 'b#1', 'c#1');
    await until(async () => (await group.deadLetters()).length === 3);
  });
  afterAll(async () => {
    await group.stop();
    await world.close();
  });

  const all = () => letters.list({ before: null, limit: 10 });
  const idsOf = (rows: readonly DeadLetter[]) => rows.map(({ id }) => id);

  it('are listed the newest first, page by page, with the cause', async () => {
    const rows = await all();
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatchObject({ source: 'session', name: 'SessionEnded', reason: 'handler_failed', tries: 3, replayed_at: null });
    const first = await letters.list({ before: null, limit: 2 });
    const second = await letters.list({ before: first.at(-1)?.id ?? 0, limit: 2 });
    expect(idsOf([...first, ...second])).toEqual(idsOf(rows));
  });

  it('go through the handlers in the log’s order, the later ones of a failing key not at all, audited in the mark’s transaction', async () => {
    broken = new Set(['a#1']);
    const rows = await all();
    const noted: (string | null)[] = [];
    const results = await letters.replay(idsOf(rows), async (_tx, letter) => void noted.push(letter.key));
    const byKey = (key: string) => results.filter(({ id }) => rows.some((row) => row.id === id && row.key === key));
    expect(byKey('b')).toEqual([expect.objectContaining({ replayed: true, error: null })]);
    expect(byKey('a').map(({ error }) => error)).toEqual(['no a#1 today', 'an earlier event of the same key was not handled']);
    expect(noted).toEqual(['b']);

    broken = new Set();
    const open = await letters.list({ before: null, limit: 10, open: true });
    expect((await letters.replay(idsOf(open), async () => undefined)).every(({ replayed }) => replayed)).toBe(true);
    expect(seen).toEqual(['c#1', 'b#1', 'a#1', 'a#2']);
    expect(await letters.list({ before: null, limit: 10, open: true })).toEqual([]);
    expect(await letters.replay(idsOf(rows), async () => undefined)).toEqual(
      rows.map(() => expect.objectContaining({ error: 'replayed before' })),
    );
  });

  it('stay open when the audit can’t be written', async () => {
    broken = new Set(['d#1']);
    await group.publish('d#1');
    await until(async () => (await group.deadLetters()).length === 4);
    broken = new Set();
    const [letter] = await letters.list({ before: null, limit: 1 });
    const failing = letters.replay([letter?.id ?? 0], () => Promise.reject(new Error('no audit')));
    await expect(failing).rejects.toThrow('no audit');
    expect(await letters.list({ before: null, limit: 1, open: true })).toMatchObject([{ id: letter?.id, replayed_at: null }]);
  });

  it('all go page by page, and one that fails holds back the later ones of its key on other pages too', async () => {
    broken = new Set(['e#1', 'e#2', 'f#1']);
    await group.publish('e#1', 'f#1', 'e#2');
    await until(async () => (await letters.list({ before: null, limit: 10, open: true })).length === 4);
    broken = new Set(['e#1']);
    const pages = async () => {
      const results: Replayed[] = [];
      for (let after: number | null = 0; after !== null; ) {
        const page: Awaited<ReturnType<DeadLetters['replayAll']>> = await letters.replayAll(after, async () => undefined, 2);
        results.push(...page.results);
        after = page.after;
      }
      return results.map(({ error }) => error);
    };
    expect((await pages()).toSorted()).toEqual(['an earlier event of the same key was not handled', 'no e#1 today', null, null]);
    broken = new Set();
    expect(await pages()).toEqual([null, null]);
    expect(await letters.list({ before: null, limit: 10, open: true })).toEqual([]);
    expect(await pages()).toEqual([]);
  });

  it('without an event are only shown', async () => {
    await world.database.query(
      `INSERT INTO token.dead_letter (source, stream, partition, pseq, reason, tries, at)
       VALUES ('session', 'events', 0, 900, 'swept', 0, lanyard.now())`,
    );
    const [letter] = await letters.list({ before: null, limit: 1 });
    expect(await letters.replay([letter?.id ?? 0], async () => undefined)).toEqual([
      { id: letter?.id, replayed: false, error: 'numbers without an event: there is nothing to hand over' },
    ]);
  });
});
