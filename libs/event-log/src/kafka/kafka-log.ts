import type { ServiceName, SourceName } from '#libs/contracts';
import type { Database } from '#libs/database';
import type { LogTransportOptions } from '../group/log-transport.js';
import type { LogOwnerOptions } from '../witness/log-owner.js';
import { KafkaEventSource } from './group/kafka-event-source.js';
import type { KafkaSettings, KafkaTrouble } from './kafka-client.js';
import { KafkaPublisher } from './publisher.js';
import { setUpTopics } from './topics.js';

/** What a service is told of Kafka (`LANYARD_EVENT_LOG=kafka`); null: the database is the log. */
export type KafkaLogSettings = (KafkaSettings & { partitions: number; replication: number }) | null;

export interface KafkaOwnerParts {
  source: SourceName;
  db: Database;
  horizonMs: number;
  /** Of the topics' names; for specs. */
  prefix?: string;
  onTrouble: KafkaTrouble;
}

export interface KafkaReaderParts {
  reader: ServiceName;
  logDatabaseUrl: string;
  onTrouble: KafkaTrouble;
}

/** What Kafka adds to a LogOwner: its topics before anything is vouched for, its partitions, and where numbered rows go on to. */
export function kafkaOwner(kafka: KafkaLogSettings, of: KafkaOwnerParts): Pick<LogOwnerOptions, 'setUp' | 'partitions' | 'publisher'> {
  if (!kafka) return {};
  const { partitions, replication } = kafka;
  const { source, db, horizonMs, prefix, onTrouble } = of;
  const onError = (error: unknown) => onTrouble('the log could not be published; it is tried again', { source, error: String(error) });
  // It is tried every second; what is wrong is said when it is news.
  let said = '';
  const setUp = async () => {
    const problems = await setUpTopics(kafka, { source, partitions, replication, horizonMs, prefix, onTrouble });
    const sentence = problems.join('; ');
    if (sentence !== said && sentence !== '') onTrouble(`not ready: ${sentence}`, { source });
    said = sentence;
    return problems;
  };
  return {
    ...{ setUp, partitions },
    publisher: new KafkaPublisher(db, source, kafka, { prefix, onTrouble, onError }),
  };
}

/** What Kafka adds to a LogTransport. */
export function kafkaReader(kafka: KafkaLogSettings, of: KafkaReaderParts): Pick<LogTransportOptions, 'events' | 'partitions'> {
  if (!kafka) return {};
  const { partitions } = kafka;
  return { partitions, events: new KafkaEventSource({ kafka, partitions, ...of }) };
}
