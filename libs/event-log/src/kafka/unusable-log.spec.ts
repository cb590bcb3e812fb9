import { ConfigResourceTypes } from 'kafkajs';
import { testKafka, topicPrefix, until } from '#libs/testing';
import { LogWorld } from '../testing/log-world.js';
import { LogOwner } from '../witness/log-owner.js';
import { kafkaClient } from './kafka-client.js';
import { kafkaOwner } from './kafka-log.js';

const HOUR = 3_600_000;
let brokers: string[];
let world: LogWorld;
beforeAll(async () => {
  brokers = [await testKafka()];
}, 360_000);
beforeEach(async () => {
  world = await LogWorld.create();
});
afterEach(() => world.close());

type Admin = ReturnType<ReturnType<typeof kafkaClient>['admin']>;
async function withAdmin(work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = kafkaClient({ brokers, clientId: 'spec' }).admin();
  await admin.connect();
  await work(admin).finally(() => admin.disconnect());
}

const numbered = async () =>
  (await world.database.query("SELECT 1 FROM session.outbox WHERE stream = 'revocations' AND pseq IS NOT NULL")).length;

const retention = (topic: string, ms: number) => ({
  validateOnly: false,
  resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name: 'retention.ms', value: String(ms) }] }],
});

describe('an owner started over a topic that is not what it needs', () => {
  it.each<
    [string, RegExp, number, (topic: string) => (admin: Admin) => Promise<unknown>, (topic: string) => (admin: Admin) => Promise<unknown>]
  >([
    [
      'too few partitions',
      /^topic \S+ has 1 partitions, 2 are needed \(LANYARD_KAFKA_PARTITIONS\)$/,
      HOUR,
      (topic) => (admin) => admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 1 }] }),
      (topic) => (admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }),
    ],
    [
      'a retention below twice the horizon',
      /^topic \S+ keeps records for 1 h, at least 4 h are needed \(retention\.ms\)$/,
      2 * HOUR,
      (topic) => async (admin) => {
        await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: 2 }] });
        await until(() => admin.alterConfigs(retention(topic, HOUR)).then(() => true));
      },
      (topic) => (admin) => admin.alterConfigs(retention(topic, 4 * HOUR)),
    ],
  ])(
    '%s: says so once, is not ready, numbers nothing, and goes on by itself when it is mended',
    async (_what, why, horizonMs, spoil, mend) => {
      const prefix = topicPrefix();
      const topic = `${prefix}.revocations.session`;
      await withAdmin(spoil(topic));
      const said: string[] = [];
      const verdicts: [boolean, string | undefined][] = [];
      const db = world.owners.session;
      const owner = new LogOwner(db, 'session', {
        ...{ dataDir: world.dataDir, witnessEveryMs: 200, onVerdict: (ok: boolean, reason?: string) => void verdicts.push([ok, reason]) },
        ...kafkaOwner(
          { brokers, clientId: 'spec', partitions: 2, replication: 1 },
          { source: 'session', db, horizonMs, prefix, onTrouble: (message) => void said.push(message) },
        ),
      });
      try {
        await world.publish('session', { revocations: [{ kind: 'session', id: 'waits' }] });
        await owner.start();
        expect(verdicts).toEqual([[false, expect.stringMatching(why)]]);
        await withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
        expect([await numbered(), verdicts.length]).toEqual([0, 1]);
        expect(said.filter((message) => /are needed/.test(message))).toHaveLength(1);
        await withAdmin(mend(topic));
        await until(() => verdicts.at(-1)?.[0] === true, { timeoutMs: 30_000, what: 'ready' });
        await until(async () => (await numbered()) === 1);
      } finally {
        await owner.stop();
      }
    },
    90_000,
  );
});
