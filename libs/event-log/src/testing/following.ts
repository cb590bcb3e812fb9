import { until } from '#libs/testing';
import type { KafkaHarness } from './kafka-harness.js';
import { ReaderLog } from './reader-log.js';

/** Started and followed: what is proven from here on is proven by Kafka, as long as nothing is missing. */
export async function following(h: KafkaHarness): Promise<ReaderLog> {
  h.relayRuns();
  const log = await new ReaderLog().startedBy(h.reader());
  await until(() => h.joined > 0, { timeoutMs: 30_000, what: 'a subscription' });
  const joined = performance.now();
  await until(() => log.proofs('session').some((proof) => proof.sentMonotonic > joined), {
    timeoutMs: h.patienceMs,
    what: 'a proof by Kafka',
  });
  return log;
}

/** Whether the next three proofs came without a read of the database. */
export async function withoutReads(h: KafkaHarness, log: ReaderLog): Promise<boolean> {
  const reads = h.reads.length;
  const proofs = log.proofs('session').length;
  await until(() => log.proofs('session').length >= proofs + 3, { what: 'three proofs' });
  return h.reads.length === reads;
}
