import { startTestKafka, TestCertificates, topicPrefix, until } from '#libs/testing';
import { LogWorld } from '../testing/log-world.js';
import { readTopic } from '../testing/read-topic.js';
import { LogOwner } from '../witness/log-owner.js';
import type { KafkaSasl, KafkaSettings } from './kafka-client.js';
import { kafkaOwner } from './kafka-log.js';

const LOGIN = { username: 'lanyard', password: 'right' };
const certificates = new TestCertificates();
let broker: Awaited<ReturnType<typeof startTestKafka>>;
let world: LogWorld;
beforeAll(async () => {
  broker = await startTestKafka({ ...LOGIN, keyAndCertificateFile: certificates.keyAndCertificateFile });
  world = await LogWorld.create();
}, 360_000);
afterAll(async () => {
  await world?.close();
  await broker?.discard();
  certificates.discard();
});

const settings = (mechanism: KafkaSasl['mechanism'], over: Partial<KafkaSettings> = {}): KafkaSettings => ({
  ...{ brokers: [broker.server.securedAddress], clientId: 'spec', tls: { caFile: certificates.caFile } },
  sasl: { mechanism, ...LOGIN },
  ...over,
});

const unpublished = async () =>
  (await world.database.query('SELECT FROM session.outbox WHERE pseq IS NULL')).length +
  (await world.database.query('SELECT FROM session.outbox_partition WHERE published < last_pseq')).length;

interface Verdict {
  ok: boolean;
  reason: string | undefined;
}

/** An owner as a service runs it, as far as its first verdict. */
async function started(kafka: KafkaSettings, prefix = topicPrefix()): Promise<{ owner: LogOwner; verdicts: Verdict[]; said: string[] }> {
  const said: string[] = [];
  const verdicts: Verdict[] = [];
  const { dataDir, owners } = world;
  const of = {
    source: 'session' as const,
    db: owners.session,
    horizonMs: 1,
    prefix,
    onTrouble: (message: string) => void said.push(message),
  };
  const owner = new LogOwner(owners.session, 'session', {
    ...{ dataDir, onVerdict: (ok: boolean, reason?: string) => void verdicts.push({ ok, reason }) },
    ...kafkaOwner({ ...kafka, partitions: 1, replication: 1 }, of),
  });
  await owner.start();
  return { owner, verdicts, said };
}

describe('a broker that asks for TLS and a login', () => {
  it.each(['plain', 'scram-sha-256'] as const)(
    'takes ours by %s, and what is published is read',
    async (mechanism) => {
      const prefix = topicPrefix();
      const kafka = settings(mechanism);
      const { owner, verdicts } = await started(kafka, prefix);
      try {
        expect(verdicts).toEqual([{ ok: true, reason: undefined }]);
        await world.publish('session', { revocations: [{ kind: 'session', id: mechanism }] });
        await until(async () => (await unpublished()) === 0, { timeoutMs: 20_000, what: 'published' });
      } finally {
        await owner.stop();
      }
      const records = (await readTopic(kafka, `${prefix}.revocations.session`)).flat();
      expect(records.flatMap((record) => (record.type === 'entry' ? [record.entry?.id] : []))).toContain(mechanism);
    },
    60_000,
  );

  it.each<[string, () => KafkaSettings, RegExp]>([
    [
      'a wrong password by PLAIN',
      () => settings('plain', { sasl: { mechanism: 'plain', ...LOGIN, password: 'wrong' } }),
      /[Aa]uthentication failed/,
    ],
    [
      'a wrong password by SCRAM',
      () => settings('scram-sha-256', { sasl: { mechanism: 'scram-sha-256', ...LOGIN, password: 'wrong' } }),
      /[Aa]uthentication failed/,
    ],
    ['a CA that is not ours', () => settings('plain', { tls: {} }), /certificate/],
    ['no TLS', () => settings('plain', { tls: undefined }), /can't be used: \w+/],
  ])(
    'is not used with %s: unready, with one sentence that names it, said once and without the password',
    async (_what, kafka, why) => {
      const { owner, verdicts, said } = await started(kafka());
      await owner.stop();
      expect(verdicts).toEqual([{ ok: false, reason: expect.stringContaining(`Kafka (${broker.server.securedAddress}) can't be used: `) }]);
      expect(verdicts[0]?.reason).toMatch(why);
      expect(verdicts[0]?.reason).not.toMatch(/;|\n|wrong/);
      expect(said.filter((message) => message.includes("can't be used"))).toHaveLength(1);
    },
    60_000,
  );
});
