import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../src/index.js';
import { complaints, folder, removeFolder, SECRETS } from './config-fixture.js';

afterAll(removeFolder);
const KAFKA = { ...SECRETS, LANYARD_EVENT_LOG: 'kafka', LANYARD_KAFKA_BROKERS: 'kafka-1:9092, kafka-2:9092' };

describe('the event log', () => {
  test('is the database unless it is told otherwise, whatever else is said of Kafka', () => {
    expect(loadConfig('session', SECRETS).kafka).toBeNull();
    expect(loadConfig('session', { ...KAFKA, LANYARD_EVENT_LOG: 'postgres' }).kafka).toBeNull();
  });

  test('on Kafka needs the brokers, and nothing else', () => {
    expect(loadConfig('session', KAFKA).kafka).toEqual({
      ...{ brokers: ['kafka-1:9092', 'kafka-2:9092'], clientId: 'lanyard', partitions: 4, replication: 3, tls: undefined, sasl: undefined },
    });
    const { LANYARD_KAFKA_BROKERS: _brokers, ...without } = KAFKA;
    expect(complaints(() => loadConfig('session', without))).toEqual([expect.stringMatching(/^LANYARD_KAFKA_BROKERS: is not set/)]);
  });

  test('takes TLS and SASL, the password from a file', () => {
    const file = join(folder, 'password');
    writeFileSync(file, 'of the broker\n');
    const { kafka } = loadConfig('token', {
      ...{ ...KAFKA, LANYARD_KAFKA_TLS: 'true', LANYARD_KAFKA_TLS_CA_FILE: '/ca.pem' },
      ...{ LANYARD_KAFKA_SASL_MECHANISM: 'scram-sha-512', LANYARD_KAFKA_SASL_USERNAME: 'us', LANYARD_KAFKA_SASL_PASSWORD_FILE: file },
    });
    expect(kafka?.tls?.caFile).toBe('/ca.pem');
    expect(kafka?.sasl).toEqual({ mechanism: 'scram-sha-512', username: 'us', password: 'of the broker' });
  });

  test.each([
    ['LANYARD_EVENT_LOG', { LANYARD_EVENT_LOG: 'redis' }],
    ['LANYARD_KAFKA_BROKERS', { LANYARD_KAFKA_BROKERS: 'kafka' }],
    ['LANYARD_KAFKA_PARTITIONS', { LANYARD_KAFKA_PARTITIONS: '0' }],
    ['LANYARD_KAFKA_TLS', { LANYARD_KAFKA_TLS: 'maybe' }],
    ['LANYARD_KAFKA_TLS_CERT_FILE', { LANYARD_KAFKA_TLS_KEY_FILE: '/key.pem' }],
    ['LANYARD_KAFKA_SASL_MECHANISM', { LANYARD_KAFKA_SASL_MECHANISM: 'gssapi' }],
    ['LANYARD_KAFKA_SASL_PASSWORD', { LANYARD_KAFKA_SASL_MECHANISM: 'plain', LANYARD_KAFKA_SASL_USERNAME: 'us' }],
  ])('a wrong %s is named', (name, over) => {
    expect(complaints(() => loadConfig('auth', { ...KAFKA, ...over }))).toEqual([expect.stringContaining(`${name}: `)]);
  });
});
