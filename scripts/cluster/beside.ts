import type { DataDirectory } from '../start/data-directory.js';
import type { ClusterPorts } from './cluster-ports.js';
import { KafkaMember } from './kafka-member.js';
import type { Member } from './member.js';
import { RedisMember } from './redis-member.js';

/** What stands beside Postgres, and how services are told of it. */
export interface Beside {
  readonly kafka?: KafkaMember;
  readonly redis?: RedisMember;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * A broker and a Redis of the cluster's own, as compose has them, unless the environment names others (LANYARD_KAFKA_BROKERS, LANYARD_REDIS_URL) or
 * wants the database as its log (LANYARD_EVENT_LOG=postgres).
 */
export function besidePostgres(
  given: NodeJS.ProcessEnv,
  directory: DataDirectory,
  ports: ClusterPorts,
  onLost?: (member: Member, how: string) => void,
): Beside {
  const kafka: KafkaMember | undefined = wantsKafka(given)
    ? new KafkaMember(directory, ports.kafka, ports.kafkaController, (how) => kafka && onLost?.(kafka, how))
    : undefined;
  const redis: RedisMember | undefined = wantsRedis(given)
    ? new RedisMember(directory, ports.redis, (how) => redis && onLost?.(redis, how))
    : undefined;
  return {
    ...(kafka ? { kafka } : {}),
    ...(redis ? { redis } : {}),
    env: {
      ...(given.LANYARD_EVENT_LOG?.trim() ? {} : { LANYARD_EVENT_LOG: 'kafka' }),
      ...(kafka ? { LANYARD_KAFKA_BROKERS: kafka.address, LANYARD_KAFKA_REPLICATION: '1' } : {}),
      ...(redis ? { LANYARD_REDIS_URL: redis.url } : {}),
    },
  };
}

function wantsKafka({ LANYARD_EVENT_LOG: log, LANYARD_KAFKA_BROKERS: brokers }: NodeJS.ProcessEnv): boolean {
  return !brokers?.trim() && (log?.trim() || 'kafka') === 'kafka';
}

function wantsRedis({ LANYARD_REDIS_URL: url, LANYARD_REDIS_URL_FILE: file }: NodeJS.ProcessEnv): boolean {
  return !url?.trim() && !file?.trim();
}
