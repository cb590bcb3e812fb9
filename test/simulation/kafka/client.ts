import type { KafkaClient, KafkaSettings } from '#libs/event-log';
import type { Process } from '../scheduler.js';
import type { SimulatedBroker } from './broker.js';
import { SimulatedConsumer } from './consumer.js';

interface Message {
  partition: number;
  key: string | null;
  value: string;
  headers: Record<string, string>;
}

interface Batch {
  topicMessages: readonly { topic: string; messages: readonly Message[] }[];
}

export interface KafkaGround {
  broker: SimulatedBroker;
  /** Of each stream. */
  partitions: number;
}

/** What a process is told of Kafka: this broker, in the place of the library. */
export function kafkaOf({ broker, partitions }: KafkaGround, process: Process): KafkaSettings {
  const client = {
    producer: () => ({
      connect: () => Promise.resolve(),
      disconnect: () => Promise.resolve(),
      sendBatch: (batch: Batch) => send(broker, process, batch),
    }),
    consumer: ({ groupId }: { groupId: string }) => new SimulatedConsumer(broker, process, groupId, partitions),
    admin: () => ({ connect: () => Promise.resolve(), disconnect: () => Promise.resolve(), deleteGroups: () => Promise.resolve() }),
  };
  return { brokers: [], clientId: process.name, client: () => client as unknown as KafkaClient };
}

/** Each partition's part goes its own way; the request has failed when any of them has. */
async function send(broker: SimulatedBroker, from: Process, { topicMessages }: Batch): Promise<void> {
  const parts = topicMessages.flatMap(({ topic, messages }) =>
    [...new Set(messages.map(({ partition }) => partition))].map((partition) => ({
      ...{ topic, partition },
      messages: messages
        .filter((message) => message.partition === partition)
        .map(({ key, value, headers }) => ({ key: key === null ? null : Buffer.from(key), value: Buffer.from(value), headers })),
    })),
  );
  const settled = await Promise.allSettled(parts.map((part) => broker.append(from, part)));
  const failed = settled.find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}
