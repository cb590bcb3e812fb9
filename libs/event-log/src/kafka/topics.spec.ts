import { testKafka, topicPrefix } from '#libs/testing';
import { type KafkaSettings, kafkaClient } from './kafka-client.js';
import { problemsOf, setUpTopics, type TopicsOptions, topicConfig } from './topics.js';

const HOUR = 3_600_000;
let kafka: KafkaSettings;
beforeAll(async () => {
  kafka = { brokers: [await testKafka()], clientId: 'spec' };
}, 360_000);

const options = (over: Partial<TopicsOptions> = {}): TopicsOptions => ({
  ...{ source: 'session', partitions: 4, replication: 1, horizonMs: HOUR, prefix: topicPrefix() },
  ...over,
});

async function withAdmin<T>(work: (admin: ReturnType<ReturnType<typeof kafkaClient>['admin']>) => Promise<T>): Promise<T> {
  const admin = kafkaClient(kafka).admin();
  await admin.connect();
  return work(admin).finally(() => admin.disconnect());
}

describe('setting up an owner’s topics', () => {
  it('creates them with their partitions, and goes well again when they are there', async () => {
    const mine = options();
    expect(await setUpTopics(kafka, mine)).toEqual([]);
    expect(await setUpTopics(kafka, mine)).toEqual([]);
    const { topics } = await withAdmin((admin) =>
      admin.fetchTopicMetadata({ topics: [`${mine.prefix}.revocations.session`, `${mine.prefix}.session-events`] }),
    );
    expect(topics.map(({ partitions }) => partitions.length)).toEqual([4, 4]);
  });

  it('goes well for three instances that start at once', async () => {
    const mine = options();
    expect(await Promise.all([1, 2, 3].map(() => setUpTopics(kafka, mine)))).toEqual([[], [], []]);
  });

  it('says in a sentence each what an existing topic lacks', async () => {
    const mine = options({ horizonMs: 20 * HOUR });
    await withAdmin((admin) =>
      admin.createTopics({
        waitForLeaders: false,
        topics: [
          { topic: `${mine.prefix}.revocations.session`, numPartitions: 2 },
          {
            topic: `${mine.prefix}.session-events`,
            numPartitions: 4,
            configEntries: [{ name: 'retention.ms', value: String(24 * HOUR) }],
          },
        ],
      }),
    );
    expect(await setUpTopics(kafka, mine)).toEqual([
      `topic ${mine.prefix}.revocations.session has 2 partitions, 4 are needed (LANYARD_KAFKA_PARTITIONS)`,
      `topic ${mine.prefix}.session-events keeps records for 24 h, at least 40 h are needed (retention.ms)`,
    ]);
  });

  it('says that nobody answers, instead of throwing', async () => {
    const nowhere = '127.0.0.1:1';
    const [problem, ...others] = await setUpTopics({ brokers: [nowhere], clientId: 'spec' }, options());
    expect(problem).toContain(`Kafka (${nowhere}) can't be used: `);
    expect(others).toEqual([]);
  });
});

describe('the rules', () => {
  const found = { topic: 't', partitions: 4, retentionMs: 24 * HOUR, cleanup: 'delete' };

  it.each([
    ['enough', {}, []],
    ['more than enough', { partitions: 8, retentionMs: -1 }, []],
    ['compacted', { cleanup: 'compact,delete' }, ['topic t is compacted, which loses records (cleanup.policy)']],
  ])('%s', (_what, over, problems) => expect(problemsOf({ ...found, ...over }, { partitions: 4, horizonMs: HOUR })).toEqual(problems));

  it('three replicas need two in sync, and no leader that lost records', () => {
    const entries = topicConfig('revocations', options({ replication: 3 })).configEntries ?? [];
    expect(entries).toEqual(
      expect.arrayContaining([
        { name: 'min.insync.replicas', value: '2' },
        { name: 'unclean.leader.election.enable', value: 'false' },
        { name: 'retention.ms', value: String(24 * HOUR) },
      ]),
    );
  });
});
