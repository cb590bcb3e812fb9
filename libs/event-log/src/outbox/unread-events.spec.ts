import { TimeMachine, until } from '#libs/testing';
import { sweep } from '../relay/sweep.js';
import { GroupWorld } from '../testing/group-world.js';
import { LogWorld } from '../testing/log-world.js';
import { UnreadEvents, type UnreadPlace } from './unread-events.js';

const AFTER_A_WEEK = (7 * 24 + 1) * 3_600_000;

describe('events that retention moved away before their reader had read them', () => {
  let world: LogWorld;
  let group: GroupWorld;
  const unread = new UnreadEvents('session');
  const seen: string[] = [];
  beforeAll(async () => {
    world = await LogWorld.create();
    group = new GroupWorld(world);
    await group.publish('a#1', 'b#1', 'a#2', 'c#1', 'a#3');
    await new TimeMachine(world.database).advance(AFTER_A_WEEK);
    expect(await sweep(world.owners.session, 'session')).toEqual({ deleted: 5, moved: 5 });
    await group.start(async ({ payload }) => void seen.push(payload.end_id));
    await until(async () => (await group.deadLetters()).length > 0, { what: 'the reader has passed the hole', timeoutMs: 60_000 });
    expect(seen).toEqual([]);
  }, 360_000);
  afterAll(async () => {
    await group?.stop();
    await world?.close();
  });

  const list = (limit: number, after: UnreadPlace | null = null) => unread.list(world.owners.session, { after, limit });
  const replay = (choice: Parameters<typeof unread.replay>[1]) => world.owners.session.transaction((tx) => unread.replay(tx, choice));
  const handled = async (...endIds: string[]) => {
    await world.relay('session');
    await until(() => seen.length === endIds.length, { what: endIds.join(', '), timeoutMs: 60_000 });
    expect(seen.toSorted()).toEqual(endIds.toSorted());
  };

  it('are listed in the order of the log, page by page', async () => {
    const rows = await list(10);
    expect(rows.map(({ reader, name, position }) => [reader, name, position])).toEqual(
      [1, 2, 3, 4, 5].map((n) => ['token', 'SessionEnded', n]),
    );
    const [{ reader, partition, position }] = (await list(2)).slice(-1) as [(typeof rows)[number]];
    expect(await list(10, [reader, partition, position])).toEqual(rows.slice(2));
  });

  it('reach their reader when they are replayed, one that is named or page after page, and are kept no longer', async () => {
    const rows = await list(10);
    expect(await replay({ eventIds: ['none'] })).toEqual({ replayed: [], remaining: true });
    const first = rows[3]?.event_id as string;
    expect(await replay({ eventIds: [first] })).toEqual({
      replayed: [{ event_id: first, name: 'SessionEnded', key: 'c' }],
      remaining: true,
    });
    await handled('c#1');
    expect((await replay({ limit: 2 })).replayed.map(({ key }) => key)).toEqual(['a', 'b']);
    expect(await replay({ limit: 200 })).toMatchObject({ remaining: false });
    await handled('c#1', 'a#1', 'b#1', 'a#2', 'a#3');
    expect(seen.filter((endId) => endId.startsWith('a'))).toEqual(['a#1', 'a#2', 'a#3']);
    expect(await list(10)).toEqual([]);
    // Under their own ids and new numbers, and as of now: not moved away again.
    const again = await world.database.query("SELECT event_id, pseq FROM session.outbox WHERE stream = 'events' ORDER BY pseq");
    expect(again.map(({ pseq }) => Number(pseq))).toEqual([6, 7, 8, 9, 10]);
    expect(again.map(({ event_id }) => event_id).toSorted()).toEqual(rows.map(({ event_id }) => event_id).toSorted());
    expect(await sweep(world.owners.session, 'session')).toEqual({ deleted: 0, moved: 0 });
  });

  it('of two readers go into the log once', async () => {
    await world.publish('auth', { events: [{ name: 'SubjectChanged', payload: { sub: 'u', gen: 2, change: 'disabled' } }] });
    await world.relay('auth');
    await new TimeMachine(world.database).advance(2 * AFTER_A_WEEK);
    expect(await sweep(world.owners.auth, 'auth')).toEqual({ deleted: 1, moved: 2 });
    const both = new UnreadEvents('auth');
    expect((await both.list(world.owners.auth, { after: null, limit: 10 })).map(({ reader }) => reader)).toEqual(['session', 'token']);
    const { replayed } = await world.owners.auth.transaction((tx) => both.replay(tx, { limit: 200 }));
    expect(replayed).toHaveLength(1);
    expect(await world.database.query("SELECT key FROM auth.outbox WHERE stream = 'events'")).toEqual([{ key: 'u' }]);
  });
});
