import { strict as assert } from 'node:assert';
import { until } from '#libs/testing';
import type { DeliveryRules } from '../group/delivery-rules.js';
import type { LogTransport } from '../group/log-transport.js';
import type { FetchRules } from '../kafka/group/fetched-partition.js';
import type { KafkaEventSource, KafkaEventSourceOptions } from '../kafka/group/kafka-event-source.js';
import { kafkaClient } from '../kafka/kafka-client.js';
import type { LogMessage } from '../kafka/wire.js';
import type { GroupWorld, Handler } from './group-world.js';
import type { KafkaLog } from './kafka-log.js';

/** A consuming service on Kafka under the cases; a spec may break its rules or its event source on purpose. */
export interface KafkaGroup {
  log: KafkaLog;
  group: GroupWorld;
  rules?: Partial<DeliveryRules>;
  wrap?(events: KafkaEventSource): KafkaEventSource;
  tamper?(transport: LogTransport): void;
  fetching?: Partial<FetchRules>;
  /** How long a case waits for what it is about; one that is to fail need not wait as long. */
  patienceMs?: number;
}

export interface KafkaGroupCase {
  name: string;
  run(of: KafkaGroup): Promise<void>;
}

const SLOW = { timeoutMs: 60_000 };
const A_YEAR_AHEAD = 365 * 24 * 3_600_000;

/** What is wrong with the row of this session, and what becomes of it. */
const FATES: readonly (readonly [sid: string, set: string, becomes: string])[] = [
  ['of-an-unknown-type', "name = 'SessionTeleported'", 'unknown_type'],
  ['of-a-newer-version', 'version = 99', 'newer_version'],
  ['of-another-shape', `body = '{"sid": 7}'`, 'bad_payload'],
  ['under-another-key', "key = 'another'", 'wrong_key'],
  ['of-another-source', "name = 'GrantRevoked'", 'wrong_source'],
  ['of-the-future', `created_at = created_at + interval '${A_YEAR_AHEAD} milliseconds'`, 'delivered'],
  ['as-it-should-be', 'version = version', 'delivered'],
];

export const KAFKA_GROUP_CASES: readonly KafkaGroupCase[] = [
  {
    name: 'a number that never comes by Kafka is read from the owner’s outbox, and the order of numbers holds',
    async run(of) {
      const { log, group } = of;
      const seen: string[] = [];
      await group.publish('a#1');
      // Numbered, and marked as published by a relay that lied.
      await numbered(of, 'a#2');
      await log.world.database.query('UPDATE session.outbox_partition SET published = last_pseq');
      await group.publish('a#3');
      await start(of, async (event) => void seen.push(event.payload.end_id), { fromDatabase: undefined });
      await reached(of, 3);
      handled(seen, 'a#1', 'a#2', 'a#3');
      assert.deepEqual(await group.deadLetters(), []);
    },
  },
  {
    name: 'commits to Kafka only what was handled, and the next one begins there',
    async run(of) {
      const { log, group } = of;
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      try {
        const transport = await start(of, async (event) => void (event.payload.sid === 's5' && (await held)));
        const behind = async () => (await transport.lags()).flatMap(({ source, behind }) => (source === 'session' ? [behind] : []));
        await group.publish(...Array.from({ length: 10 }, (_, n) => `s${n}`));
        const groupId = `${log.prefix}.token`;
        const committed = async (of?: number) => {
          const [topic] = await log.admin((admin) => admin.fetchOffsets({ groupId, topics: [log.eventsTopic] }));
          const offsets = (topic?.partitions ?? []).filter(({ partition }) => (of ?? partition) === partition);
          return offsets.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
        };
        const rows = await log.world.database.query<{ key: string; partition: number }>(
          "SELECT key, partition FROM session.outbox WHERE stream = 'events'",
        );
        const holding = rows.find(({ key }) => key === 's5')?.partition ?? 0;
        const free = rows.filter(({ partition }) => partition !== holding);
        const other = free[0] ?? assert.fail('all keys in one partition');
        // The second commit comes a second after the first, so by then the held partition was fetched, and would have been committed.
        await until(async () => (await committed(other.partition)) === free.length, SLOW);
        await group.publish(`${other.key}#again`);
        await until(async () => (await committed(other.partition)) === free.length + 1, SLOW);
        const [held5] = await log.world.database.query<{ position: string }>(
          `SELECT position FROM token.log_position WHERE source = 'session' AND partition = ${holding}`,
        );
        assert.ok((await committed(holding)) <= Number(held5?.position), 'Kafka is told no more than what is done');
        assert.ok(Number(held5?.position) < 10 - free.length);
        assert.ok(Math.max(...(await behind())) > 0);
        release();
        await until(async () => (await committed()) === 11, SLOW);
        assert.deepEqual(await behind(), [0, 0]);
        await group.stop();
        const { groups } = await log.admin((admin) => admin.describeGroups([groupId]));
        assert.deepEqual(groups[0]?.members, []);
      } finally {
        release();
      }
    },
  },
  {
    name: 'events that can’t be handled are dead letters by name, one from the future is one like any other, and duplicates are none',
    async run(of) {
      const { log, group } = of;
      const sql = (text: string) => log.world.database.query(text);
      await numbered(of, ...FATES.map(([sid]) => sid));
      for (const [sid, set] of FATES) await sql(`UPDATE session.outbox SET ${set} WHERE stream = 'events' AND key = '${sid}'`);
      await log.world.relay('session');
      await sql('UPDATE session.outbox_partition SET published = 0');
      await log.world.relay('session');
      const seen: string[] = [];
      await start(of, async (event) => void seen.push(event.payload.sid));
      await group.publish('after');
      await reached(of, FATES.length + 1);
      const delivered = FATES.flatMap(([sid, , becomes]) => (becomes === 'delivered' ? [sid] : []));
      handled(seen.toSorted(), ...[...delivered, 'after'].toSorted());
      const reasons = FATES.flatMap(([, , becomes]) => (becomes === 'delivered' ? [] : [becomes]));
      assert.deepEqual((await group.deadLetters()).map(({ reason }) => reason).toSorted(), reasons.toSorted());
    },
  },
  {
    name: 'a record cut short, of a type of tomorrow or without a key is read from the outbox by its number',
    async run(of) {
      const { log, group } = of;
      // One key, so one partition: the numbers are 1, 2 and 3 of it.
      await numbered(of, ...['k#1', 'k#2', 'k#3']);
      const [row] = await log.world.database.query<{ partition: number }>("SELECT partition FROM session.outbox WHERE key = 'k' LIMIT 1");
      await log.world.database.query('UPDATE session.outbox_partition SET published = last_pseq');
      const headers = (pseq: number) => ({ 'lanyard-type': 'event', 'lanyard-epoch': 'e', 'lanyard-pseq': String(pseq) });
      const records = [
        { key: 'k', value: '{"event_id":"tru', headers: headers(1) },
        { key: 'k', value: '{}', headers: { ...headers(2), 'lanyard-type': 'snapshot' } },
        { key: '', value: '{"event_id":"e","name":"SessionEnded","version":1,"body":{},"at":1}', headers: headers(3) },
        { key: 'k', value: '{}', headers: headers(1_000_000) },
        { key: 'x', value: 'somebody else’s', headers: {} },
      ];
      await produce(
        log,
        records.map((record) => ({ ...record, headers: { ...record.headers }, partition: row?.partition ?? 0 })),
      );
      const seen: string[] = [];
      const trouble: unknown[] = [];
      const onTrouble = (message: string, { why }: Record<string, unknown>) => void (/can’t be read/.test(message) && trouble.push(why));
      await start(of, async (event) => void seen.push(event.payload.end_id), { onTrouble, fromDatabase: undefined });
      await reached(of, 3);
      await group.publish('k#4');
      await reached(of, 4);
      handled(seen, 'k#1', 'k#2', 'k#3', 'k#4');
      assert.deepEqual(trouble.toSorted(), ['bad_shape', 'bad_shape', 'no_type', 'truncated', 'unknown_type']);
      assert.deepEqual(await group.deadLetters(), []);
    },
  },
  {
    name: 'a record numbered far beyond all that its owner has numbered is passed over, and holds up no offset',
    async run(of) {
      const { log, group, patienceMs: timeoutMs = SLOW.timeoutMs } = of;
      const { partition, epoch } = await first(of, 'k#1');
      const value = JSON.stringify({ event_id: 'of nobody', name: 'SessionEnded', version: 1, body: {}, at: 1 });
      const headers = { 'lanyard-type': 'event', 'lanyard-epoch': epoch, 'lanyard-pseq': '1000000' };
      await produce(log, [{ key: 'k', value, headers, partition }]);
      await group.publish('k#2');
      const seen: string[] = [];
      await start(of, async (event) => void seen.push(event.payload.end_id), { fromDatabase: undefined });
      await reached(of, 2);
      const groupId = `${log.prefix}.token`;
      const committed = async () => {
        const [topic] = await log.admin((admin) => admin.fetchOffsets({ groupId, topics: [log.eventsTopic] }));
        return Number(topic?.partitions.find((of) => of.partition === partition)?.offset);
      };
      await until(async () => (await committed()) === 3, { timeoutMs, what: 'all offsets to be committed' });
      handled(seen, 'k#1', 'k#2');
      assert.deepEqual(await group.deadLetters(), []);
    },
  },
  {
    name: 'what a lost database left in Kafka is not read: the numbers are given again, and each event is handled once',
    async run(of) {
      const { log, group } = of;
      await group.publish('k#lost-1', 'k#lost-2', 'k#lost-3');
      await log.world.restore();
      // Of the first two numbers Kafka has only what was lost.
      await numbered(of, 'k#1', 'k#2');
      await log.world.database.query('UPDATE session.outbox_partition SET published = last_pseq');
      await group.publish('k#3');
      const seen: string[] = [];
      await start(of, async (event) => void seen.push(event.payload.end_id), { fromDatabase: undefined });
      await reached(of, 3);
      handled(seen, 'k#1', 'k#2', 'k#3');
      assert.deepEqual(await group.deadLetters(), []);
    },
  },
  {
    name: 'a database that takes another’s place while events are handled gets its own handled, whatever was done of the other',
    async run(of) {
      const { log, group, patienceMs: timeoutMs = SLOW.timeoutMs } = of;
      const seen: string[] = [];
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      const handler: Handler = async (event) => {
        seen.push(event.payload.end_id);
        if (event.payload.end_id === 'k#lost-1') await held;
      };
      try {
        await start(of, handler, { fromDatabase: undefined });
        await group.publish('k#lost-1', 'k#lost-2');
        await until(() => seen.length > 0, { ...SLOW, what: 'the first event' });
        await log.world.restore();
        release();
        await group.publish('k#1', 'k#2');
        await until(() => seen.includes('k#2'), { timeoutMs, what: 'the events of the database that is there' });
        await reached(of, 2);
        handled(
          seen.filter((id) => !id.includes('lost')),
          ...['k#1', 'k#2'],
        );
      } finally {
        release();
      }
    },
  },
];

function handled(seen: readonly string[], ...expected: string[]): void {
  assert.deepEqual(seen, expected, `handled: ${seen.join(', ')}`);
}

async function start(of: KafkaGroup, handler: Handler, options: Partial<KafkaEventSourceOptions> = {}): Promise<LogTransport> {
  const { log, group, rules, fetching, wrap = (events) => events } = of;
  const events = wrap(log.eventSource({ ...options, ...(fetching ? { rules: fetching } : {}) }));
  const transport = await group.start(handler, { events, ...(rules ? { rules } : {}) });
  of.tamper?.(transport);
  return transport;
}

/** Published, and where. */
async function first({ log, group }: KafkaGroup, sid: string): Promise<{ partition: number; epoch: string }> {
  await group.publish(sid);
  const [row] = await log.world.database.query<{ partition: number; epoch: string }>(
    "SELECT partition, session.log_epoch() AS epoch FROM session.outbox WHERE stream = 'events'",
  );
  return row ?? assert.fail('nothing was published');
}

async function produce(log: KafkaLog, messages: (LogMessage & { partition: number })[]): Promise<void> {
  const producer = kafkaClient(log.settings).producer();
  await producer.connect();
  await producer.send({ topic: log.eventsTopic, messages }).finally(() => producer.disconnect());
}

async function reached({ group }: KafkaGroup, position: number): Promise<void> {
  await until(async () => (await group.position()) === position, { ...SLOW, what: `position ${position}` });
}

/** And not published. */
async function numbered({ log, group }: KafkaGroup, ...sids: string[]): Promise<void> {
  const { publisherOf } = log.world;
  log.world.publisherOf = undefined;
  await group.publish(...sids);
  log.world.publisherOf = publisherOf;
}
