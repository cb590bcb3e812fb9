import type { ReceivedEvent } from '#libs/contracts';
import { until } from '#libs/testing';
import type { DeliveryRules } from '../../group/delivery-rules.js';
import { handleOnce } from '../../group/handle-once.js';
import type { PositionStore } from '../../group/position.store.js';
import { GROUP_CASES, type GroupHarness } from '../../testing/group-cases.js';
import { GroupWorld, type Handler } from '../../testing/group-world.js';
import { KAFKA_GROUP_CASES, type KafkaGroup } from '../../testing/kafka-group-cases.js';
import { KafkaLog } from '../../testing/kafka-log.js';
import type { KafkaEventSource } from './kafka-event-source.js';

let log: KafkaLog;
let group: GroupWorld;
beforeEach(async () => {
  log = await KafkaLog.create();
  group = new GroupWorld(log.world);
}, 360_000);
afterEach(async () => {
  await group.stop();
  await log.close();
}, 180_000);

const LATE = 90_000;
const sql = (text: string) => log.world.database.query(text);

function harness(broken: { rules?: Partial<DeliveryRules>; forgets?: boolean } = {}): GroupHarness {
  let parts: { stop(): void }[] = [];
  let events: KafkaEventSource;
  return {
    async start(handler) {
      events = log.eventSource();
      const transport = await group.start(handler, { events, ...(broken.rules ? { rules: broken.rules } : {}) });
      parts = transport.unwrap<{ consumer: { stop(): void }; ticker: { started: boolean } }[]>().map(({ consumer, ticker }) => ({
        stop() {
          consumer.stop();
          ticker.started = false;
        },
      }));
    },
    async vanish() {
      for (const part of parts) part.stop();
      await events.vanish();
      await sql("UPDATE token.log_position SET holder = 'vanished', lease_until = lanyard.now() - interval '1 second'");
    },
    async ticked() {
      const renewed = async () => {
        const [row] = await log.world.database.query<{ at: Date }>('SELECT max(lease_until) AS at FROM token.log_position');
        return row?.at?.getTime() ?? 0;
      };
      const before = await renewed();
      await until(async () => (await renewed()) > before);
    },
    publish: (...sids) => group.publish(...sids),
    reached: async (position) => {
      await until(async () => (await group.position()) >= position, { timeoutMs: 20_000, what: `position ${position}` });
    },
    /** A log in which everything comes again: the relay's mark and the reader's position, both lost. */
    async rewind() {
      await sql('UPDATE token.log_position SET position = 0');
      await sql('UPDATE session.outbox_partition SET published = 0');
      await log.world.relay('session');
    },
    async once(eventId, work) {
      await log.world.owners.token.transaction(async (tx) => {
        if (broken.forgets || (await handleOnce(tx, 'spec', eventId))) work();
      });
    },
  };
}

describe('the log transport on Kafka keeps the contract of group readers', () => {
  it.each(GROUP_CASES.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run(harness()), LATE);
});

describe('consumers broken on purpose are caught on Kafka too', () => {
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
  ])(
    'one that $mutant',
    async ({ fails, breaks, broken }) => {
      const contractCase = GROUP_CASES.find(({ name }) => name.startsWith(fails));
      await expect(contractCase?.run(harness(broken))).rejects.toThrow(breaks);
    },
    LATE,
  );
});

const SLOW = { timeoutMs: 30_000 };
const sids = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `s${from + n}`);

describe('the Kafka event source', () => {
  it.each(KAFKA_GROUP_CASES.map(({ name, run }) => [name, run] as const))('%s', (_name, run) => run({ log, group }), LATE);
});

describe('event sources and rules broken on purpose are caught on Kafka', () => {
  it.each<{ mutant: string; fails: string; breaks: RegExp; broken: Partial<KafkaGroup> }>([
    {
      mutant: 'takes the next record for the next number',
      fails: 'a number that never comes',
      breaks: /handled: a#1, a#3$/m,
      broken: { rules: { contiguous: (_position, records) => [...records], holeBefore: () => null } },
    },
    {
      mutant: 'commits to Kafka what it was handed, not what is done',
      fails: 'commits to Kafka only',
      breaks: /no more than what is done/,
      broken: {
        wrap(events) {
          const [read, done] = [events.read.bind(events), events.done.bind(events)];
          const handed = new Map<number, number>();
          events.read = async (id, from, limit) => {
            const batch = await read(id, from, limit);
            handed.set(id.partition, batch.last);
            return batch;
          };
          events.done = (id, position) => done(id, Math.max(position, handed.get(id.partition) ?? 0));
          return events;
        },
      },
    },
    {
      mutant: 'hands its handler whatever comes',
      fails: 'events that can’t be handled',
      breaks: /handled: .*of-a-newer-version/,
      broken: {
        rules: {
          judgeRecord: (source, { body, ...record }) => ({ to: 'handler', event: { ...record, source, payload: body } as ReceivedEvent }),
        },
      },
    },
    {
      mutant: 'passes over what it can’t read',
      fails: 'a record cut short',
      breaks: /handled: k#4$/m,
      broken: {
        wrap(events) {
          const read = events.read.bind(events);
          events.read = async (id, from, limit) => {
            const batch = await read(id, from, limit);
            return batch.records[0]?.pseq === from.position + 1 && from.position < 3 ? { ...batch, records: [], swept: 3 } : batch;
          };
          return events;
        },
      },
    },
    {
      mutant: 'takes a number of another epoch for its own',
      fails: 'what a lost database left',
      breaks: /handled: k#lost-1/,
      broken: { fetching: { isOurs: () => true } },
    },
    {
      mutant: 'waits for whatever number a record says',
      fails: 'a record numbered far beyond',
      breaks: /still not: all offsets to be committed/,
      broken: { fetching: { isBeyond: () => false } },
    },
    {
      mutant: 'commits a position in a database that never gave it',
      fails: 'a database that takes another’s place',
      breaks: /still not: the events of the database that is there/,
      broken: {
        tamper(transport) {
          const { positions } = transport as unknown as { positions: PositionStore };
          const commit = positions.commit.bind(positions);
          positions.commit = async (id, { position }) => {
            const [row] = await log.world.database.query<{ epoch: string }>('SELECT token.log_epoch() AS epoch');
            return commit(id, { position, epoch: row?.epoch ?? '' });
          };
        },
      },
    },
  ])(
    'one that $mutant',
    async ({ fails, breaks, broken }) => {
      const named = KAFKA_GROUP_CASES.find(({ name }) => name.startsWith(fails));
      expect(named).toBeDefined();
      await expect(named?.run({ log, group, patienceMs: 5_000, ...broken })).rejects.toThrow(breaks);
    },
    LATE,
  );
});

describe('what Kafka brings with it', () => {
  it(
    'a handler that is busy for longer than the session time-out keeps its partition, and its events are delivered once',
    async () => {
      const seen: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const handler: Handler = async (event) => {
        seen.push(event.payload.end_id);
        if (event.payload.end_id === 'slow') await held;
      };
      const events = log.eventSource({ sessionTimeoutMs: 1_500 });
      const joins = countJoins(events);
      await group.start(handler, { events });
      await group.publish('slow', ...sids(10));
      await until(() => seen.includes('slow'), SLOW);
      const begun = performance.now();
      await until(() => performance.now() - begun > 4_000, SLOW);
      expect(joins()).toBe(1);
      release();
      await until(async () => (await group.position()) === 11, SLOW);
      expect(seen.toSorted()).toEqual(['slow', ...sids(10)].toSorted());
    },
    LATE,
  );

  it(
    'a rebalance while a handler is busy: its partition waits for it, and nothing is delivered twice or lost',
    async () => {
      const seen: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const handler: Handler = async (event) => {
        seen.push(event.payload.end_id);
        if (event.payload.end_id.startsWith('slow')) await held;
      };
      await group.start(handler, { events: log.eventSource() });
      // One in each partition, so that whichever moves has a busy handler.
      await group.publish('slow', 'slow2', 'slow3', 'slow4');
      await until(() => seen.length >= 2, SLOW);
      const second = log.eventSource();
      const joined = countJoins(second);
      await group.start(handler, { events: second });
      await until(() => joined() > 0, SLOW);
      await group.publish(...sids(20));
      release();
      await until(async () => (await group.position()) === 24, SLOW);
      expect(seen.toSorted()).toEqual(['slow', 'slow2', 'slow3', 'slow4', ...sids(20)].toSorted());
    },
    LATE,
  );

  it(
    'the owner is told how far each partition is',
    async () => {
      await group.start(async () => undefined, { events: log.eventSource() });
      await group.publish(...sids(20));
      const told = () =>
        [0, 1].reduce(
          (sum, of) => sum + Math.max(0, ...group.reports.flatMap(({ partition, position }) => (partition === of ? [position] : []))),
          0,
        );
      await until(() => told() === 20, SLOW);
    },
    LATE,
  );
});

/** How often it joined: a member that was thrown out joins again. */
function countJoins(events: KafkaEventSource): () => number {
  let joins = 0;
  const watched = events as unknown as { onAssigned(assignment: object | null): void };
  const before = watched.onAssigned.bind(events);
  watched.onAssigned = (assignment) => {
    if (assignment) joins++;
    before(assignment);
  };
  return () => joins;
}
