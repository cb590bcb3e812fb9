import { randomId } from '#libs/database';
import { until } from '#libs/testing';
import { type KafkaSettings, kafkaClient } from '../kafka/kafka-client.js';
import { type Decoded, decode } from '../kafka/wire.js';

/** Everything that stands in a topic now, decoded, by partition and in order. */
export async function readTopic(kafka: KafkaSettings, topic: string): Promise<Decoded[][]> {
  const client = kafkaClient(kafka);
  const admin = client.admin();
  await admin.connect();
  const ends = await admin.fetchTopicOffsets(topic);
  const groupId = `spec-${randomId()}`;
  const consumer = client.consumer({ groupId, maxWaitTimeInMs: 100, sessionTimeout: 10_000 });
  await consumer.connect();
  const read = new Map(ends.map(({ partition }) => [partition, new Map<string, Decoded>()]));
  try {
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ partition, message }) => void read.get(partition)?.set(message.offset, decode(message)) });
    const done = () => ends.every(({ partition, high }) => Number(high) === 0 || read.get(partition)?.has(String(Number(high) - 1)));
    await until(done, { timeoutMs: 20_000, what: `all of ${topic}` });
  } finally {
    await consumer.disconnect();
    await admin.deleteGroups([groupId]);
    await admin.disconnect();
  }
  const inOrder = [...read].sort(([a], [b]) => a - b);
  return inOrder.map(([, records]) => [...records].sort(([a], [b]) => Number(a) - Number(b)).map(([, record]) => record));
}
