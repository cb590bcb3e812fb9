import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KafkaServer, type SecuredListener, startKafka } from '#libs/embedded-kafka';
import { freePort } from '#libs/embedded-postgres';

/** The run's broker, `host:port`. The first caller waits for it to start; every spec names its topics with a prefix of its own. */
export async function testKafka(): Promise<string> {
  const door = process.env.LANYARD_TEST_KAFKA;
  if (!door) throw new Error('no Kafka for the tests: run jest with this repository’s jest.config.js (its global setup offers one)');
  const response = await fetch(door);
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

export function topicPrefix(): string {
  return `t${randomBytes(5).toString('hex')}`;
}

/** A broker of the caller's own, to stop, kill, pause and start again. `discard` in afterAll. */
export async function startTestKafka(secured?: Omit<SecuredListener, 'port'>): Promise<{ server: KafkaServer; discard(): Promise<void> }> {
  const home = mkdtempSync(join(tmpdir(), 'lanyard-own-kafka-'));
  const listener = secured && { ...secured, port: await freePort() };
  const server = await startKafka({ home, port: await freePort(), controllerPort: await freePort(), secured: listener });
  const discard = async () => {
    await server.kill();
    rmSync(home, { recursive: true, force: true });
  };
  return { server, discard };
}
