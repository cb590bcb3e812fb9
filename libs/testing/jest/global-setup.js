/**
 * One Postgres for a whole jest run; each spec file makes its own database in it (createTestDatabase). A server from the
 * environment is used instead when LANYARD_TEST_POSTGRES holds a superuser's URL. And one Kafka, which starts when the first spec asks for
 * it (testKafka): LANYARD_TEST_KAFKA is the address that is asked. Plain JavaScript: jest maps no `.js` to `.ts` here.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { transformFileSync } from '@swc/core';
import { LazyKafka } from './lazy-kafka.js';

const root = join(import.meta.dirname, '../../..');

export default async function globalSetup() {
  const { freePort, startPostgres } = await compiled('embedded-postgres');
  const { startKafka } = await compiled('embedded-kafka');
  const kafka = new LazyKafka(startKafka, freePort);
  process.env.LANYARD_TEST_KAFKA = await kafka.offer();
  globalThis.stopTestKafka = () => kafka.stop();
  if (process.env.LANYARD_TEST_POSTGRES) return;
  const home = mkdtempSync(join(tmpdir(), 'lanyard-test-postgres-'));
  const server = await startPostgres({ home, port: await freePort(), password: randomBytes(16).toString('hex'), durable: false });
  process.env.LANYARD_TEST_POSTGRES = server.adminUrl;
  globalThis.stopTestPostgres = async () => {
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  };
}

/** The lib, compiled for this run alone: builders of different branches or runs must not read each other's half-written files. */
async function compiled(lib) {
  const source = join(root, 'libs', lib, 'src');
  const target = join(root, 'dist', `.jest-${process.pid}`, lib);
  mkdirSync(target, { recursive: true });
  try {
    for (const file of readdirSync(source).filter((name) => name.endsWith('.ts'))) {
      const { code } = transformFileSync(join(source, file), { configFile: join(root, '.swcrc'), sourceMaps: false });
      writeFileSync(join(target, file.replace(/\.ts$/, '.js')), code);
    }
    return await import(pathToFileURL(join(target, 'index.js')).href);
  } finally {
    rmSync(join(root, 'dist', `.jest-${process.pid}`), { recursive: true, force: true });
  }
}
