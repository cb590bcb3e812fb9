import { testKafka, topicPrefix } from '#libs/testing';
import { MAX_BODY_BYTES } from '../outbox/change.js';
import { Relay } from '../relay/relay.js';
import { LogWorld } from '../testing/log-world.js';
import { readTopic } from '../testing/read-topic.js';
import type { KafkaSettings } from './kafka-client.js';
import { KafkaPublisher, type PublisherOptions } from './publisher.js';
import { setUpTopics } from './topics.js';

const PARTITIONS = 2;
let world: LogWorld;
let prefix: string;
beforeEach(async () => {
  world = await LogWorld.create({ partitions: PARTITIONS });
  prefix = topicPrefix();
});
afterEach(() => world.close());

async function topics(kafka: KafkaSettings): Promise<KafkaSettings> {
  expect(await setUpTopics(kafka, { source: 'session', partitions: PARTITIONS, replication: 1, horizonMs: 1, prefix })).toEqual([]);
  return kafka;
}

async function withRelay(
  kafka: KafkaSettings,
  work: (relay: Relay, publisher: KafkaPublisher) => Promise<void>,
  options: PublisherOptions = {},
): Promise<void> {
  const publisher = new KafkaPublisher(world.owners.session, 'session', kafka, { prefix, ...options });
  const relay = new Relay(world.owners.session, 'session', { publisher });
  await work(relay, publisher).finally(() => publisher.stop());
}

const end = (...sids: string[]) => world.publish('session', { revocations: sids.map((id) => ({ kind: 'session', id })) });
const publishedTo = async () =>
  (
    await world.database.query<{ published: string; last_pseq: string }>(
      "SELECT published, last_pseq FROM session.outbox_partition WHERE stream = 'revocations' ORDER BY partition",
    )
  ).map(({ published, last_pseq }) => [Number(published), Number(last_pseq)]);

const many = Array.from({ length: 40 }, (_, n) => `s${n}`);

describe('the relay’s second half', () => {
  it('publishes each row to its own partition in order of numbers, then a watermark, and marks what was acknowledged', async () => {
    const kafka = await topics({ brokers: [await testKafka()], clientId: 'spec' });
    await withRelay(kafka, async (relay, publisher) => {
      await end(...many);
      await relay.stepAll();
      await publisher.publishAll();
      const log = await readTopic(kafka, `${prefix}.revocations.session`);
      expect(log.flat().filter(({ type }) => type === 'entry')).toHaveLength(40);
      for (const records of log) {
        const numbers = records.flatMap((record) => (record.type === 'entry' ? [record.pseq] : []));
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expect(numbers.length).toBeGreaterThan(0);
        expect(records.at(-1)).toMatchObject({ type: 'watermark', last: numbers.length });
      }
      for (const [published, last] of await publishedTo()) expect(published).toBe(last);
      await relay.stepAll();
      await publisher.publishAll();
      const [first, again] = (await readTopic(kafka, `${prefix}.revocations.session`))[0]?.filter(({ type }) => type === 'watermark') ?? [];
      if (first?.type !== 'watermark' || again?.type !== 'watermark') throw new Error('an idle tick has its watermark too');
      expect(again.ticket).toBeGreaterThan(first.ticket);
      expect(again.epoch).toBe(first.epoch);
    });
  }, 360_000);

  it('cut short, carries its watermark only after the last row', async () => {
    const kafka = await topics({ brokers: [await testKafka()], clientId: 'spec' });
    const cutShort = async (relay: Relay, publisher: KafkaPublisher) => {
      await end(...many);
      await relay.stepAll();
      await publisher.publishAll();
      for (const records of await readTopic(kafka, `${prefix}.revocations.session`)) {
        expect(records.map(({ type }) => type).indexOf('watermark')).toBe(records.length - 1);
        expect(records.length).toBeGreaterThan(4);
      }
    };
    await withRelay(kafka, cutShort, { batch: 3 });
  }, 360_000);

  it('repeats what it had not marked: the same numbers, never other ones', async () => {
    const kafka = await topics({ brokers: [await testKafka()], clientId: 'spec' });
    await withRelay(kafka, async (relay, publisher) => {
      await end(...many);
      await relay.stepAll();
      await publisher.publishAll();
      await world.database.query('UPDATE session.outbox_partition SET published = 0');
      await relay.stepAll();
      await publisher.publishAll();
      const log = await readTopic(kafka, `${prefix}.revocations.session`);
      for (const records of log) {
        const entries = records.flatMap((record) => (record.type === 'entry' ? [`${record.pseq} ${record.entry?.id}`] : []));
        expect(entries).toHaveLength(2 * new Set(entries).size);
      }
    });
  }, 360_000);

  it('publishes rows as large as the outbox lets them be, in requests that a broker takes, whatever alphabet they are in', async () => {
    const kafka = await topics({ brokers: [await testKafka()], clientId: 'spec' });
    // Three bytes a letter: counted in letters, these would go in one request of 1.5 MB.
    const letters = Math.floor((MAX_BODY_BYTES - 100) / 3);
    await world.database.query(
      `INSERT INTO session.outbox (stream, partition, event_id, key, name, version, body, created_at)
       SELECT 'revocations', 0, 'e' || n, 'large-' || n, 'session', 1, jsonb_build_object('end_id', repeat('終', ${letters})), lanyard.now()
       FROM generate_series(1, 25) AS n`,
    );
    await withRelay(kafka, async (relay, publisher) => {
      await relay.stepAll();
      await publisher.publishAll();
      const [first = []] = await readTopic(kafka, `${prefix}.revocations.session`);
      expect(first.flatMap((record) => (record.type === 'entry' ? [record.entry?.id] : []))).toHaveLength(25);
      expect(first.at(-1)).toMatchObject({ type: 'watermark', last: 25 });
    });
  }, 360_000);
});
