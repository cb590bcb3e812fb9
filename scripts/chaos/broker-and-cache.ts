import type { ClusterOptions } from '../cluster/cluster.js';
import type { ClusterPorts } from '../cluster/cluster-ports.js';
import { KafkaMember } from '../cluster/kafka-member.js';
import type { Member } from '../cluster/member.js';
import { RedisMember } from '../cluster/redis-member.js';
import { TcpProxy } from '../cluster/tcp-proxy.js';
import type { DataDirectory } from '../start/data-directory.js';

/** Kafka and Redis for a cluster, both reached through a proxy only: Kafka tells its clients the proxy's address as its own. */
export async function brokerAndCache(
  directory: DataDirectory,
  ports: ClusterPorts,
  onLost: (member: Member, how: string) => void = () => undefined,
): Promise<Pick<ClusterOptions, 'beside' | 'waysBeside' | 'env'>> {
  const toKafka = await TcpProxy.start({ host: '127.0.0.1', port: ports.kafka });
  const toRedis = await TcpProxy.start({ host: '127.0.0.1', port: ports.redis });
  const lost = (how: string) => onLost(kafka, how);
  const kafka: KafkaMember = new KafkaMember(directory, ports.kafka, ports.kafkaController, lost, toKafka.port);
  const redis: RedisMember = new RedisMember(directory, ports.redis, (how) => onLost(redis, how));
  return {
    beside: [kafka, redis],
    waysBeside: new Map<Member, TcpProxy>([
      [kafka, toKafka],
      [redis, toRedis],
    ]),
    env: {
      LANYARD_EVENT_LOG: 'kafka',
      LANYARD_KAFKA_BROKERS: `127.0.0.1:${toKafka.port}`,
      LANYARD_KAFKA_REPLICATION: '1',
      LANYARD_REDIS_URL: `redis://127.0.0.1:${toRedis.port}`,
    },
  };
}
