import { until } from '#libs/testing';
import { GroupWorld } from '../../testing/group-world.js';
import { KafkaLog } from '../../testing/kafka-log.js';
import { kafkaClient } from '../kafka-client.js';

let log: KafkaLog;
let group: GroupWorld;
beforeEach(async () => {
  log = await KafkaLog.create({ partitions: 1 });
  group = new GroupWorld(log.world);
}, 120_000);
afterEach(async () => {
  await group.stop();
  await log.close();
}, 60_000);

const A_YEAR_AHEAD = 365 * 24 * 3_600_000;

/** What is wrong with the row of this session, and what becomes of it. */
const RULES: [sid: string, set: string, becomes: string][] = [
  ['of-an-unknown-type', "name = 'SessionTeleported'", 'unknown_type'],
  ['of-a-newer-version', 'version = 99', 'newer_version'],
  ['of-another-shape', `body = '{"sid": 7}'`, 'bad_payload'],
  ['under-another-key', "key = 'another'", 'wrong_key'],
  ['of-another-source', "name = 'GrantRevoked'", 'wrong_source'],
  ['of-the-future', `created_at = created_at + interval '${A_YEAR_AHEAD} milliseconds'`, 'delivered'],
  ['as-it-should-be', 'version = version', 'delivered'],
];

/** Numbered, and not published. */
async function numbered(...sids: string[]): Promise<void> {
  log.world.publisherOf = undefined;
  await group.publish(...sids);
  log.world.publisherOf = (source) => log.publisher(source);
}

async function put(...messages: { value: string; key: string; headers: Record<string, string> }[]): Promise<void> {
  const producer = kafkaClient(log.settings).producer();
  await producer.connect();
  await producer.send({ topic: log.eventsTopic, messages }).finally(() => producer.disconnect());
}

describe('what a topic of events may hold that is wrong has a rule each, and stops no partition', () => {
  it('events that can’t be handled are dead letters by name, one from the future is one like any other, and duplicates are none', async () => {
    await numbered(...RULES.map(([sid]) => sid));
    for (const [sid, set] of RULES)
      await log.world.database.query(`UPDATE session.outbox SET ${set} WHERE stream = 'events' AND key = '${sid}'`);
    await log.world.relay('session');
    await log.world.database.query('UPDATE session.outbox_partition SET published = 0');
    await log.world.relay('session');
    const seen: string[] = [];
    await group.start(async (event) => void seen.push(event.payload.sid), { events: log.eventSource() });
    await group.publish('after');
    await until(async () => (await group.position()) === RULES.length + 1, { timeoutMs: 30_000, what: 'everything is done' });
    const delivered = RULES.flatMap(([sid, , becomes]) => (becomes === 'delivered' ? [sid] : []));
    expect(seen.toSorted()).toEqual([...delivered, 'after'].toSorted());
    const reasons = RULES.flatMap(([, , becomes]) => (becomes === 'delivered' ? [] : [becomes]));
    expect((await group.deadLetters()).map(({ reason }) => reason)).toEqual(reasons);
  }, 90_000);

  it('a record cut short, of a type of tomorrow or without a key is read from the outbox by its number', async () => {
    const kinds = ['cut-short', 'of-tomorrow', 'without-a-key', 'far-ahead'];
    await numbered(...kinds.slice(0, 3));
    await log.world.database.query('UPDATE session.outbox_partition SET published = last_pseq');
    const headers = (pseq: number) => ({ 'lanyard-type': 'event', 'lanyard-epoch': 'e', 'lanyard-pseq': String(pseq) });
    await put(
      { key: 'cut-short', value: '{"event_id":"tru', headers: headers(1) },
      { key: 'of-tomorrow', value: '{}', headers: { ...headers(2), 'lanyard-type': 'snapshot' } },
      { key: '', value: '{"event_id":"e","name":"SessionEnded","version":1,"body":{},"at":1}', headers: headers(3) },
      { key: 'far-ahead', value: 'not ours', headers: headers(1_000_000) },
    );
    const seen: string[] = [];
    const trouble: unknown[] = [];
    const onTrouble = (message: string, { why }: Record<string, unknown>) => void (/can’t be read/.test(message) && trouble.push(why));
    await group.start(async (event) => void seen.push(event.payload.sid), {
      events: log.eventSource({ onTrouble, fromDatabase: undefined }),
    });
    await until(async () => (await group.position()) === 3, { timeoutMs: 30_000, what: 'read from the outbox' });
    await group.publish('after');
    await until(async () => (await group.position()) === 4, { timeoutMs: 30_000, what: 'the next one is done' });
    expect(seen).toEqual(['cut-short', 'of-tomorrow', 'without-a-key', 'after']);
    expect(trouble.toSorted()).toEqual(['bad_shape', 'truncated', 'truncated', 'unknown_type']);
    expect(await group.deadLetters()).toEqual([]);
  }, 90_000);
});
