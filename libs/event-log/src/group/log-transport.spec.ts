import { until } from '#libs/testing';
import { GROUP_CASES, type GroupHarness } from '../testing/group-cases.js';
import { GroupWorld, type Handler } from '../testing/group-world.js';
import { LogWorld } from '../testing/log-world.js';
import type { DeliveryRules } from './delivery-rules.js';
import { handleOnce } from './handle-once.js';

let world: LogWorld;
let group: GroupWorld;
beforeEach(async () => {
  world = await LogWorld.create();
  group = new GroupWorld(world);
});
afterEach(async () => {
  await group.stop();
  await world.close();
});

const releaseLease = () =>
  world.database.query("UPDATE token.log_position SET holder = 'vanished', lease_until = lanyard.now() - interval '1 second'");

function harness(broken: { rules?: Partial<DeliveryRules>; forgets?: boolean } = {}): GroupHarness {
  let transports: { stop(): void }[] = [];
  return {
    async start(handler) {
      const transport = await group.start(handler, broken.rules ? { rules: broken.rules } : {});
      transports = transport.unwrap<{ consumer: { stop(): void }; ticker: { started: boolean } }[]>().map(({ consumer, ticker }) => ({
        stop() {
          consumer.stop();
          ticker.started = false;
        },
      }));
    },
    async vanish() {
      for (const transport of transports) transport.stop();
      await releaseLease();
    },
    async ticked() {
      const lease = async () =>
        (await world.database.query<{ at: Date }>('SELECT lease_until AS at FROM token.log_position'))[0]?.at.getTime() ?? 0;
      const before = await lease();
      await until(async () => (await lease()) > before);
    },
    publish: (...sids) => group.publish(...sids),
    reached: (position) => group.reached(position),
    async rewind() {
      await world.database.query('UPDATE token.log_position SET position = 0');
    },
    async once(eventId, work) {
      await world.owners.token.transaction(async (tx) => {
        if (broken.forgets || (await handleOnce(tx, 'spec', eventId))) work();
      });
    },
  };
}

describe('the log transport keeps the contract of group readers', () => {
  it.each(GROUP_CASES.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => {
    await run(harness());
  });
});

describe('consumers broken on purpose are caught', () => {
  it.each<{ mutant: string; fails: string; breaks: RegExp; broken: Parameters<typeof harness>[0] }>([
    {
      mutant: 'ignores the order of a key',
      fails: 'delivers every event',
      breaks: /in another order than written/,
      broken: { rules: { chainsByKey: (records) => records.map((record) => [record]) } },
    },
    {
      mutant: 'commits its position before the work is done',
      fails: 'delivers again',
      breaks: /still not: the redelivery/,
      broken: { rules: { doneUpTo: (position, records) => records.at(-1)?.pseq ?? position } },
    },
    { mutant: 'drops the duplicate check', fails: 'has one effect', breaks: /4 effects of two events/, broken: { forgets: true } },
  ])('one that $mutant', async ({ fails, breaks, broken }) => {
    const contractCase = GROUP_CASES.find(({ name }) => name.startsWith(fails));
    await expect(contractCase?.run(harness(broken))).rejects.toThrow(breaks);
  });
});

describe('a failing handler', () => {
  it('is tried again and, after its last try, its event becomes a dead letter; the next events go on', async () => {
    const attempts: number[] = [];
    const seen: string[] = [];
    await group.start(async (event, context) => {
      if (event.payload.sid === 'poison') {
        attempts.push(context.attempt);
        throw new Error('can not');
      }
      seen.push(event.payload.sid);
    });
    await group.publish('poison', 'fine');
    await group.reached(2);
    expect(attempts).toEqual([1, 2, 3]);
    expect(seen).toEqual(['fine']);
    expect(await group.deadLetters()).toEqual([{ reason: 'handler_failed', key: 'poison', tries: 3 }]);
  });

  it('that fails for want of its database is tried without end, and never becomes a dead letter', async () => {
    let failures = 0;
    await group.start(async () => {
      if (failures++ < 20) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    });
    await group.publish('a');
    await group.reached(1);
    expect(failures).toBe(21);
    expect(await group.deadLetters()).toEqual([]);
  });
});

describe('bad input', () => {
  const tamper = async (set: string) => {
    const rows = await world.database.query<{ n: string }>(
      `WITH u AS (UPDATE session.outbox SET ${set} WHERE stream = 'events' RETURNING 1) SELECT count(*) AS n FROM u`,
    );
    expect(Number(rows[0]?.n)).toBe(1);
  };

  it.each([
    ['unknown_type', "name = 'SessionTeleported'"],
    ['newer_version', 'version = 99'],
    ['bad_payload', `body = '{"sid": 7}'`],
    ['wrong_key', "key = 'another'"],
    ['wrong_source', "name = 'GrantRevoked'"],
  ])('%s becomes a dead letter at once and stops nothing', async (reason, set) => {
    const seen: string[] = [];
    await group.publish('bad');
    await tamper(set);
    await group.publish('good');
    await group.start(async (event) => void seen.push(event.payload.sid));
    await group.reached(2);
    expect((await group.deadLetters()).map((letter) => letter.reason)).toEqual([reason]);
    expect(seen).toEqual(['good']);
  });

  it('an event without a handler here is passed', async () => {
    await world.publish('session', {
      events: [{ name: 'SessionStarted', payload: { sid: 's', sub: 'u', auth_time: 1, remember: false } }],
    });
    await world.relay('session');
    await group.start(async () => undefined);
    await group.reached(1);
    expect(await group.deadLetters()).toEqual([]);
  });
});

describe('a missing number', () => {
  it('that retention took is jumped, and said', async () => {
    await group.publish('a', 'b', 'c');
    await world.database.query(
      "DELETE FROM session.outbox WHERE pseq <= 2; UPDATE session.outbox_partition SET swept = 2 WHERE stream = 'events'",
    );
    const seen: string[] = [];
    await group.start(async (event) => void seen.push(event.payload.sid));
    await group.reached(3);
    expect(seen).toEqual(['c']);
    expect((await group.deadLetters()).map((letter) => letter.reason)).toEqual(['swept']);
  });

  it('that is not explained holds the reader while it may still come, then is said and jumped', async () => {
    await group.publish('a', 'b');
    await world.database.query(
      "UPDATE session.outbox SET pseq = 100 WHERE key = 'a'; UPDATE session.outbox SET stream = 'events' WHERE key = 'a'",
    );
    const seen: string[] = [];
    const clock = { now: 0 };
    const transport = await group.start(async (event) => void seen.push(event.payload.sid), {
      clock: { monotonic: () => clock.now, pause: async () => undefined, every: () => ({ stop: async () => undefined }) },
    });
    await transport.drain();
    expect([seen, await group.position()]).toEqual([[], 0]);
    clock.now = 9_999;
    await transport.drain();
    expect(seen).toEqual([]);
    clock.now = 10_001;
    await transport.drain();
    expect(seen).toContain('b');
    expect((await group.deadLetters())[0]?.reason).toBe('missing');
  });
});

describe('competing instances', () => {
  it('share the work by lease: each event is delivered once while both are well', async () => {
    const seen: string[] = [];
    const handler: Handler = async (event) => void seen.push(event.payload.sid);
    await group.start(handler);
    await group.start(handler);
    const sids = Array.from({ length: 50 }, (_, n) => `s${n}`);
    await group.publish(...sids);
    await group.reached(50);
    expect(seen.toSorted()).toEqual(sids.toSorted());
  });

  it('a successor takes over at once from one that stopped in order', async () => {
    await group.start(async () => undefined);
    await group.publish('a');
    await group.reached(1);
    await group.stop();
    const seen: string[] = [];
    await group.start(async (event) => void seen.push(event.payload.sid));
    await group.publish('b');
    await group.reached(2);
    expect(seen).toEqual(['b']);
  });

  it('two deliveries of one event at the same time have one effect', async () => {
    let effects = 0;
    const deliver = () =>
      world.owners.token.transaction(async (tx) => {
        if (await handleOnce(tx, 'spec', 'event-1')) effects++;
      });
    await Promise.all([deliver(), deliver(), deliver()]);
    expect(effects).toBe(1);
  });

  it('an event whose handler rolled back is not remembered as handled', async () => {
    const failing = world.owners.token.transaction(async (tx) => {
      await handleOnce(tx, 'spec', 'event-2');
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    expect(await world.owners.token.transaction((tx) => handleOnce(tx, 'spec', 'event-2'))).toBe(true);
  });
});

describe('the owner', () => {
  it('is told how far the reader is', async () => {
    await group.start(async () => undefined);
    await group.publish('a', 'b');
    await until(() => group.reports.some((report) => report.position === 2));
    expect(group.reports.at(-1)).toEqual({ reader: 'token', stream: 'events', partition: 0, position: 2 });
  });
});
