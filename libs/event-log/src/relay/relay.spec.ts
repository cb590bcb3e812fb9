import pg from 'pg';
import { TimeMachine, until } from '#libs/testing';
import { recordPassed } from '../outbox/record-passed.js';
import { LOG_CHANNEL } from '../partitions.js';
import { LogWorld } from '../testing/log-world.js';
import { numberRows } from './number-rows.js';
import { Relay } from './relay.js';
import { relayStep } from './relay-step.js';
import { sweep } from './sweep.js';

const HOUR = 3_600_000;
const REVOCATIONS = { stream: 'revocations', partition: 0 } as const;
let world: LogWorld;

beforeEach(async () => {
  world = await LogWorld.create();
});
afterEach(() => world.close());

const end = (...sids: string[]) => world.publish('session', { revocations: sids.map((id) => ({ kind: 'session', id })) });
const numbers = async () => {
  const rows = await world.database.query<{ pseq: string | null }>(
    "SELECT pseq FROM session.outbox WHERE stream = 'revocations' ORDER BY row_id",
  );
  return rows.map((row) => (row.pseq === null ? null : Number(row.pseq)));
};

describe('a relay step', () => {
  it('numbers every row without a number, contiguously and in the order they were written', async () => {
    await end(...Array.from({ length: 300 }, (_, n) => `s${n}`));
    const step = await relayStep(world.owners.session, 'session', REVOCATIONS);
    expect(step).toMatchObject({ numbered: 300, last: 300 });
    expect(await numbers()).toEqual(Array.from({ length: 300 }, (_, n) => n + 1));
    await end('later');
    expect(await relayStep(world.owners.session, 'session', REVOCATIONS)).toMatchObject({ numbered: 1, last: 301 });
  });

  it('with a LIMIT leaves an older commit without a number behind its ticket: the rule that this suite holds', async () => {
    await end('a', 'b', 'c');
    const limited: typeof numberRows = (last, rows) => numberRows(last, rows.slice(0, 2));
    await relayStep(world.owners.session, 'session', REVOCATIONS, limited);
    expect((await numbers()).includes(null)).toBe(true);
  });

  it('draws a ticket above every earlier one', async () => {
    const first = await relayStep(world.owners.session, 'session', REVOCATIONS);
    const second = await relayStep(world.owners.session, 'session', REVOCATIONS);
    expect(second?.ticket).toBeGreaterThan(first?.ticket ?? 0);
  });

  it('gives a slow transaction the next number when it commits, after those that overtook it', async () => {
    const slow = await world.hold('session', { revocations: [{ kind: 'session', id: 'slow' }] });
    await end('fast');
    await world.relay('session');
    await slow.commit();
    await world.relay('session');
    expect(await numbers()).toEqual([2, 1]);
  });

  it('of ten relays at once numbers each row once', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => end(`s${n}`)));
    await Promise.all(Array.from({ length: 10 }, () => relayStep(world.owners.session, 'session', REVOCATIONS)));
    await world.relay('session');
    expect((await numbers()).sort((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('gives no number in an epoch that nobody has vouched for: a copy could catch up with its witness before its owner looks', async () => {
    await world.database.query("UPDATE session.log_epoch_vouched SET epoch = 'the one before'");
    await end('a');
    expect(await relayStep(world.owners.session, 'session', REVOCATIONS)).toBeNull();
    expect(await numbers()).toEqual([null]);
    await world.vouch();
    await world.relay('session');
    expect(await numbers()).toEqual([1]);
  });

  it('gives way after a second to one that holds the partition', async () => {
    await end('a');
    await world.owners.session.transaction(async (tx) => {
      await tx.query("SELECT FROM session.outbox_partition WHERE stream = 'revocations' FOR UPDATE");
      expect(await relayStep(world.owners.session, 'session', REVOCATIONS)).toBeNull();
    });
    expect(await relayStep(world.owners.session, 'session', REVOCATIONS)).toMatchObject({ numbered: 1 });
  });

  it('wakes readers with the source’s name and nothing else, only when there was something', async () => {
    const client = new pg.Client(world.logUrl);
    await client.connect();
    const heard: (string | undefined)[] = [];
    client.on('notification', (notice) => heard.push(notice.payload));
    await client.query(`LISTEN ${LOG_CHANNEL}`);
    await world.relay('session');
    await end('a');
    await world.relay('session');
    await until(() => heard.length > 0);
    expect(heard).toEqual(['session']);
    await client.end();
  });
});

describe('a running relay', () => {
  it('numbers after a nudge, and by itself what a crashed instance left', async () => {
    await end('left-behind');
    const relay = new Relay(world.owners.session, 'session');
    relay.start();
    await until(async () => (await numbers()).every((number) => number !== null));
    await end('nudged');
    relay.nudge();
    await until(async () => (await numbers()).join() === '1,2');
    await relay.stop();
  });
});

describe('retention', () => {
  const event = (sid: string) => ({ name: 'SessionStarted' as const, payload: { sid, sub: 'u', auth_time: 1, remember: false } });
  const kept = async (stream: string) =>
    (await world.database.query<{ key: string }>('SELECT key FROM session.outbox WHERE stream = $1 ORDER BY row_id', [stream])).map(
      (row) => row.key,
    );

  it('keeps a day of everything, and events until every group reader has passed them', async () => {
    const time = new TimeMachine(world.database);
    await world.publish('session', { events: [event('s1'), event('s2')], revocations: [{ kind: 'session', id: 's1' }] });
    await world.relay('session');
    await time.advance(23 * HOUR);
    expect(await sweep(world.owners.session, 'session')).toEqual({ deleted: 0, moved: 0 });
    await time.advance(2 * HOUR);
    await recordPassed(world.owners.session, 'session', { reader: 'token', stream: 'events', partition: 0, position: 1 });
    expect(await sweep(world.owners.session, 'session')).toEqual({ deleted: 2, moved: 0 });
    expect(await kept('events')).toEqual(['s2']);
    expect(await kept('revocations')).toEqual([]);
  });

  it('after a week moves what was not passed to the reader’s dead letters', async () => {
    const time = new TimeMachine(world.database);
    await world.publish('session', { events: [event('s1')] });
    await world.relay('session');
    await time.advance(7 * 24 * HOUR + 1_000);
    expect(await sweep(world.owners.session, 'session')).toEqual({ deleted: 1, moved: 1 });
    expect(await world.database.query('SELECT reader, key, name FROM session.outbox_dead_letter')).toEqual([
      { reader: 'token', key: 's1', name: 'SessionStarted' },
    ]);
  });

  it('never deletes what has no number', async () => {
    const time = new TimeMachine(world.database);
    await end('unnumbered');
    await time.advance(30 * 24 * HOUR);
    expect(await sweep(world.owners.session, 'session')).toEqual({ deleted: 0, moved: 0 });
  });
});

describe('what group readers report', () => {
  it('only rises, is refused beyond the last number and from strangers, and the least of all counts', async () => {
    await world.publish('auth', { events: [{ name: 'SubjectChanged', payload: { sub: 'u', gen: 2, change: 'disabled' } }] });
    await world.relay('auth');
    const report = (reader: 'token' | 'session' | 'introspect', position: number) =>
      recordPassed(world.owners.auth, 'auth', { reader, stream: 'events', partition: 0, position });
    const passed = async () =>
      Number(
        (await world.database.query<{ passed: string }>("SELECT passed FROM auth.outbox_partition WHERE stream = 'events'"))[0]?.passed,
      );
    expect(await report('token', 1)).toBe(true);
    expect(await passed()).toBe(0);
    expect(await report('session', 1)).toBe(true);
    expect(await passed()).toBe(1);
    expect(await report('session', 0)).toBe(true);
    expect(await passed()).toBe(1);
    expect(await report('session', 2)).toBe(false);
    expect(await report('introspect', 1)).toBe(false);
  });
});
