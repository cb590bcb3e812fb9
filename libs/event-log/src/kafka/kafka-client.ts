import { readFileSync } from 'node:fs';
import kafkajs, { type Kafka, type KafkaConfig } from 'kafkajs';

export interface KafkaSettings {
  brokers: readonly string[];
  clientId: string;
  tls?: KafkaTls | undefined;
  sasl?: KafkaSasl | undefined;
  /** For tests: a broker of their own in the library's place. */
  client?: (() => KafkaClient) | undefined;
}

/** All that this lib needs of the library. */
export type KafkaClient = Pick<Kafka, 'producer' | 'consumer' | 'admin'>;

/** Paths. Without a CA the system's are believed; the certificate and its key are ours, where the brokers ask for one. */
export interface KafkaTls {
  caFile?: string | undefined;
  certFile?: string | undefined;
  keyFile?: string | undefined;
}

export interface KafkaSasl {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
}

/** What the library has to say, for the service's own log. Most of it is a retry that goes well a moment later. */
export type KafkaTrouble = (message: string, details: Record<string, unknown>) => void;

const REPEAT_AFTER_MS = 10_000;

/**
 * The one place that makes a client of the library. Its waits are short, so that whoever comes back is found within a second; those who use
 * it never give up (the library does after some tries, and is then started again).
 */
export function kafkaClient(settings: KafkaSettings, trouble: KafkaTrouble = () => undefined): KafkaClient {
  const { brokers, clientId, tls, sasl, client } = settings;
  if (client) return client();
  return new kafkajs.Kafka({
    clientId,
    brokers: [...brokers],
    ...(tls ? { ssl: tlsOptions(tls) } : {}),
    ...(sasl ? { sasl: sasl as NonNullable<KafkaConfig['sasl']> } : {}),
    connectionTimeout: 2_000,
    authenticationTimeout: 5_000,
    // A broker that was stopped in the middle (SIGSTOP) keeps its connections: they are given up after this.
    requestTimeout: 5_000,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 8 },
    logLevel: kafkajs.logLevel.WARN,
    logCreator: () => quietly(trouble),
  });
}

function tlsOptions({ caFile, certFile, keyFile }: KafkaTls): NonNullable<KafkaConfig['ssl']> {
  const read = (path: string | undefined) => (path ? readFileSync(path, 'utf8') : undefined);
  const [ca, cert, key] = [read(caFile), read(certFile), read(keyFile)];
  if (!ca && !cert && !key) return true;
  return { ...(ca ? { ca: [ca] } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) };
}

interface LibraryEntry {
  namespace: string;
  log: { message: string; error?: unknown; [member: string]: unknown };
}

/** The same sentence once in ten seconds, however often the library says it, and of its details only what says where. */
function quietly(trouble: KafkaTrouble) {
  const said = new Map<string, number>();
  return ({ namespace, log }: LibraryEntry) => {
    const { message, error, broker, topic, partition, groupId } = log;
    const last = said.get(message);
    const now = performance.now();
    if (last !== undefined && now - last < REPEAT_AFTER_MS) return;
    if (said.size > 200) said.clear();
    said.set(message, now);
    const details = { part: namespace, broker, topic, partition, group: groupId, error: error === undefined ? undefined : String(error) };
    trouble(`kafka: ${message}`, Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined && value !== '')));
  };
}
