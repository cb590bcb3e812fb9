import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import type { SourceName, StreamName } from '#libs/contracts';
import { type KafkaSettings, type KafkaTrouble, kafkaClient } from './kafka-client.js';
import { topicOf } from './topic-names.js';

export interface TopicsOptions {
  source: SourceName;
  partitions: number;
  replication: number;
  horizonMs: number;
  prefix?: string | undefined;
  onTrouble?: KafkaTrouble;
}

const HOUR = 3_600_000;
const RETENTION: Record<StreamName, number> = { revocations: 24 * HOUR, events: 7 * 24 * HOUR };
const STREAM_NAMES = ['revocations', 'events'] as const;
const WITHOUT_END = -1;
const KNOWN_WITHIN_MS = 10_000;
const NOT_YET = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];

interface Found {
  topic: string;
  partitions: number;
  retentionMs: number;
  cleanup: string;
}

/**
 * Idempotent; every instance of an owner runs it at start for its own two topics. What is missing is created; what is there is only looked at,
 * because its partitions and retention are an operator's. Answers with the sentences that forbid to serve: none, and the log can be used.
 */
export async function setUpTopics(kafka: KafkaSettings, options: TopicsOptions): Promise<string[]> {
  const admin = kafkaClient(kafka, options.onTrouble).admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 500 } });
  try {
    await admin.connect();
    await createMissing(admin, options);
    return (await lookAt(admin, options)).flatMap((found) => problemsOf(found, options));
  } catch (error) {
    return [`Kafka (${kafka.brokers.join(', ')}) can't be used: ${reasonOf(error)}`];
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

function reasonOf(error: unknown): string {
  const errors = (error as { errors?: unknown[] }).errors;
  const one = errors?.[0] ?? error;
  return one instanceof Error ? one.message : String(one);
}

export function topicConfig(stream: StreamName, { source, partitions, replication, horizonMs, prefix }: TopicsOptions): ITopicConfig {
  const retention = Math.max(RETENTION[stream], 2 * horizonMs);
  const settings = {
    'cleanup.policy': 'delete',
    'retention.ms': String(retention),
    'min.insync.replicas': String(Math.max(1, replication - 1)),
    'unclean.leader.election.enable': 'false',
  };
  return {
    topic: topicOf(source, stream, prefix),
    numPartitions: partitions,
    replicationFactor: replication,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}

export function problemsOf(
  { topic, partitions, retentionMs, cleanup }: Found,
  { partitions: wanted, horizonMs }: Pick<TopicsOptions, 'partitions' | 'horizonMs'>,
): string[] {
  const problems: string[] = [];
  const hours = (ms: number) => `${Math.round((ms / HOUR) * 10) / 10} h`;
  if (partitions < wanted) problems.push(`topic ${topic} has ${partitions} partitions, ${wanted} are needed (LANYARD_KAFKA_PARTITIONS)`);
  if (retentionMs !== WITHOUT_END && retentionMs < 2 * horizonMs)
    problems.push(`topic ${topic} keeps records for ${hours(retentionMs)}, at least ${hours(2 * horizonMs)} are needed (retention.ms)`);
  if (cleanup.includes('compact')) problems.push(`topic ${topic} is compacted, which loses records (cleanup.policy)`);
  return problems;
}

async function createMissing(admin: Admin, options: TopicsOptions): Promise<void> {
  const wanted = STREAM_NAMES.map((stream) => topicConfig(stream, options));
  const present = new Set(await admin.listTopics());
  for (const topic of wanted.filter(({ topic }) => !present.has(topic))) {
    try {
      await admin.createTopics({ topics: [topic], waitForLeaders: false, timeout: 10_000 });
    } catch (error) {
      // Another instance was first.
      if (!alreadyExists(error)) throw error;
    }
  }
}

async function lookAt(admin: Admin, { source, prefix }: TopicsOptions): Promise<Found[]> {
  const names = STREAM_NAMES.map((stream) => topicOf(source, stream, prefix));
  const { topics } = await onceKnown(() => admin.fetchTopicMetadata({ topics: names }));
  const described = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name, configNames: ['retention.ms', 'cleanup.policy'] })),
  });
  return names.map((topic) => {
    const { partitions } = topics.find(({ name }) => name === topic) ?? { partitions: [] };
    const entries = described.resources.find(({ resourceName }) => resourceName === topic)?.configEntries ?? [];
    const setting = (name: string) => entries.find((entry) => entry.configName === name)?.configValue;
    const retentionMs = Number(setting('retention.ms') ?? WITHOUT_END);
    return { topic, partitions: partitions.length, retentionMs, cleanup: setting('cleanup.policy') ?? '' };
  });
}

/** The broker that is asked learns of a new topic a moment after the controller made it. */
async function onceKnown<T>(ask: () => Promise<T>): Promise<T> {
  const until = performance.now() + KNOWN_WITHIN_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const soon = error instanceof kafkajs.KafkaJSProtocolError && NOT_YET.includes(error.type);
      if (!soon || performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function alreadyExists(error: unknown): boolean {
  const errors = (error as { errors?: unknown[] }).errors ?? [error];
  return errors.every((one) => one instanceof kafkajs.KafkaJSProtocolError && one.type === 'TOPIC_ALREADY_EXISTS');
}
