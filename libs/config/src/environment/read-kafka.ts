import type { KafkaConfig, KafkaSaslMechanism } from '../config.js';
import type { Environment } from './read-environment.js';

const MECHANISMS: readonly KafkaSaslMechanism[] = ['plain', 'scram-sha-256', 'scram-sha-512'];

/** Null: the event log is the database. Settings of Kafka without `LANYARD_EVENT_LOG=kafka` are not read: nothing changes by half. */
export function readKafka(environment: Environment): KafkaConfig | null {
  const log = environment.parsed(
    'LANYARD_EVENT_LOG',
    (text) => (text === 'postgres' || text === 'kafka' ? text : null),
    'postgres or kafka',
  );
  if (log !== 'kafka') return null;
  const brokers = environment.parsed('LANYARD_KAFKA_BROKERS', brokerList, 'host:port addresses separated by commas');
  if (brokers === undefined && environment.get('LANYARD_KAFKA_BROKERS') === undefined)
    environment.report('LANYARD_KAFKA_BROKERS', 'is not set; LANYARD_EVENT_LOG=kafka needs host:port addresses separated by commas');
  const count = (name: string, fallback: number) => environment.parsed(name, upTo(1_000), 'a whole number from 1 to 1000') ?? fallback;
  return {
    brokers: brokers ?? [],
    clientId: environment.get('LANYARD_KAFKA_CLIENT_ID') ?? 'lanyard',
    partitions: count('LANYARD_KAFKA_PARTITIONS', 4),
    replication: count('LANYARD_KAFKA_REPLICATION', 3),
    tls: readTls(environment),
    sasl: readSasl(environment),
  };
}

function readTls(environment: Environment): KafkaConfig['tls'] {
  const on = environment.parsed('LANYARD_KAFKA_TLS', (text) => ({ true: 1, false: 0 })[text] ?? null, 'true or false') === 1;
  const [caFile, certFile, keyFile] = ['CA', 'CERT', 'KEY'].map((part) => environment.get(`LANYARD_KAFKA_TLS_${part}_FILE`));
  if ((certFile === undefined) !== (keyFile === undefined))
    environment.report('LANYARD_KAFKA_TLS_CERT_FILE', 'expected together with LANYARD_KAFKA_TLS_KEY_FILE');
  return on ? { caFile, certFile, keyFile } : undefined;
}

function readSasl(environment: Environment): KafkaConfig['sasl'] {
  const mechanism = environment.parsed(
    'LANYARD_KAFKA_SASL_MECHANISM',
    (text) => MECHANISMS.find((name) => name === text) ?? null,
    `one of ${MECHANISMS.join(', ')}`,
  );
  if (!mechanism) return undefined;
  const username = environment.get('LANYARD_KAFKA_SASL_USERNAME');
  if (!username) environment.report('LANYARD_KAFKA_SASL_USERNAME', 'is not set; LANYARD_KAFKA_SASL_MECHANISM needs it');
  const password = environment.required('LANYARD_KAFKA_SASL_PASSWORD', (text) => text, 'the password of LANYARD_KAFKA_SASL_USERNAME');
  return { mechanism, username: username ?? '', password: password ?? '' };
}

function brokerList(text: string): string[] | null {
  const list = text
    .split(',')
    .map((address) => address.trim())
    .filter(Boolean);
  return list.length > 0 && list.every((address) => /^(\[[0-9a-fA-F:]+\]|[^\s:[\]]+):\d{1,5}$/.test(address)) ? list : null;
}

function upTo(most: number) {
  return (text: string) => (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= most ? Number(text) : null);
}
