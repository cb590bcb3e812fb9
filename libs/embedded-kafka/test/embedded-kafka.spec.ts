import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterId, KAFKA_VERSION } from '#libs/embedded-kafka';
import { freePort } from '#libs/embedded-postgres';
import { startTestKafka, testKafka, until } from '#libs/testing';

const folder = mkdtempSync(join(tmpdir(), 'embedded-kafka-spec-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the broker of a run', () => {
  it('is one, however often it is asked for', async () => {
    const [first, second] = await Promise.all([testKafka(), testKafka()]);
    expect(first).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(second).toBe(first);
  });
});

it('a cluster’s id never begins with a dash, which the format tool would take for an option', () => {
  const ids = Array.from({ length: 256 }, (_, first) => clusterId(Buffer.alloc(16, first)));
  expect(ids.filter((id) => !/^[A-Za-z0-9][\w-]{21}$/.test(id))).toEqual([]);
});

describe('a broker of one’s own', () => {
  it('stops in order, dies by kill -9, and comes back on its port with its data', async () => {
    const { server, discard } = await startTestKafka();
    try {
      const { address, pid } = server;
      await server.stop();
      expect(server.running).toBe(false);
      await server.start();
      expect(server.pid).not.toBe(pid);
      server.pause();
      await server.kill();
      expect(server.running).toBe(false);
      await server.start();
      expect(server.address).toBe(address);
    } finally {
      await discard();
    }
  }, 270_000);

  it('does not outlive the process that started it, not even by kill -9, and not even stopped', async () => {
    const home = join(folder, 'orphan');
    const port = await freePort();
    const controllerPort = await freePort();
    const script = join(folder, 'owner.mjs');
    const lib = join(import.meta.dirname, '../../../dist/libs/embedded-kafka/src/index.js');
    writeFileSync(
      script,
      `import { startKafka } from ${JSON.stringify(lib)};
       const server = await startKafka(${JSON.stringify({ home, port, controllerPort })});
       server.pause();
       process.kill(process.pid, 'SIGKILL');`,
    );
    const owner = spawn(process.execPath, [script], { stdio: 'ignore' });
    await new Promise((resolve) => owner.once('exit', resolve));
    const pid = Number(readFileSync(join(home, 'kafka.pid'), 'utf8'));
    await until(() => !existsSync(`/proc/${pid}`), { timeoutMs: 20_000, what: 'the broker’s end' });
  }, 270_000);
});

describe('without what it needs', () => {
  const withTools = (tools: Record<string, string>) => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    for (const [name, text] of Object.entries(tools)) writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const lib = join(import.meta.dirname, '../../../dist/libs/embedded-kafka/src/jars.js');
    const ask = `import(${JSON.stringify(lib)}).then(({ kafkaJars }) => kafkaJars(${JSON.stringify(join(bin, 'cache'))}))
      .catch((error) => console.log(error.message))`;
    return execFileSync(process.execPath, ['-e', ask], { env: { PATH: bin }, encoding: 'utf8' }).trim();
  };

  const java = (version: string) => `echo 'openjdk version "${version}" 2025-04-15' >&2`;
  it.each([
    ['Java', { mvn: 'exit 0' }],
    ['Java that Kafka can run on', { java: java('11.0.27'), mvn: 'exit 0' }],
    ['Java since it was called 1.8', { java: java('1.8.0_412'), mvn: 'exit 0' }],
    ['Maven', { java: java('17.0.15') }],
  ])('it says in one sentence what to install: no %s', (_what, tools) => {
    expect(withTools(tools)).toMatch(/^Kafka needs Java 17 or newer and Maven: install them [^.]*\.$/);
  });

  it('says what Maven said when the jars can’t be brought', () => {
    const mvn = '[ "$1" = -v ] || { echo "[ERROR] nobody answers"; exit 1; }';
    expect(withTools({ java: java('21'), mvn })).toBe(`Maven could not bring Kafka ${KAFKA_VERSION}: nobody answers`);
  });
});
