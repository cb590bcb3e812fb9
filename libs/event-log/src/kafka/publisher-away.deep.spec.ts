import { startTestKafka, topicPrefix, until } from '#libs/testing';
import { Relay } from '../relay/relay.js';
import { LogWorld } from '../testing/log-world.js';
import { readTopic } from '../testing/read-topic.js';
import { KafkaPublisher } from './publisher.js';
import { setUpTopics } from './topics.js';

let world: LogWorld;
beforeEach(async () => {
  world = await LogWorld.create({ partitions: 2 });
});
afterEach(() => world.close());

const end = (...sids: string[]) => world.publish('session', { revocations: sids.map((id) => ({ kind: 'session', id })) });
const publishedTo = async () =>
  (
    await world.database.query<{ published: string; last_pseq: string }>(
      "SELECT published, last_pseq FROM session.outbox_partition WHERE stream = 'revocations' ORDER BY partition",
    )
  ).map(({ published, last_pseq }) => [Number(published), Number(last_pseq)]);
const many = Array.from({ length: 40 }, (_, n) => `s${n}`);

describe('the relay’s second half', () => {
  it('with the broker away numbers go on, nothing is marked, and all of it is there when the broker is back', async () => {
    const { server, discard } = await startTestKafka();
    try {
      const prefix = topicPrefix();
      const kafka = { brokers: [server.address], clientId: 'spec' };
      expect(await setUpTopics(kafka, { source: 'session', partitions: 2, replication: 1, horizonMs: 1, prefix })).toEqual([]);
      const publisher = new KafkaPublisher(world.owners.session, 'session', kafka, { prefix });
      const relay = new Relay(world.owners.session, 'session', { publisher });
      try {
        publisher.start();
        await end('before');
        await relay.stepAll();
        await until(async () => (await publishedTo()).every(([published, last]) => published === last), { timeoutMs: 20_000 });
        await server.kill();
        await end(...many);
        await relay.stepAll();
        expect((await publishedTo()).reduce((sum, [, last = 0]) => sum + last, 0)).toBe(41);
        expect((await publishedTo()).some(([published, last]) => published === last)).toBe(false);
        await server.start();
        await until(async () => (await publishedTo()).every(([published, last]) => published === last), { timeoutMs: 30_000 });
        const log = await readTopic(kafka, `${prefix}.revocations.session`);
        const ids = new Set(log.flat().flatMap((record) => (record.type === 'entry' ? [record.entry?.id] : [])));
        expect(ids).toEqual(new Set(['before', ...many]));
      } finally {
        await publisher.stop();
      }
    } finally {
      await discard();
    }
  }, 360_000);
});
