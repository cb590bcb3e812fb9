import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SOURCES } from '#libs/contracts';
import type { Database } from '#libs/database';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import { openTokenDatabase } from '../../apps/token/src/database.js';
import { Instance, SECRETS } from '../../apps/token/test/keys/key-fixture.js';
import { openOwners } from '../../scripts/cli/restore/index.js';
import { type Rewrapped, rewrapAll } from '../../scripts/cli/rewrap/index.js';

/** What `lanyard keys rewrap` does where every secret and database is named by the environment. Over `npm start`'s directory: test/start. */
let database: TestDatabase;
const folder = mkdtempSync(join(tmpdir(), 'lanyard-rewrap-'));
beforeAll(async () => {
  database = await createTestDatabase();
  await withDatabase(async (db) => {
    const instance = new Instance(db);
    await instance.keys.start();
    await instance.keys.stop();
  });
});
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

async function withDatabase<T>(work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openTokenDatabase(database.url('lanyard_token'), 'test');
  return work(db).finally(() => db.close());
}

const NEXT = randomBytes(32).toString('hex');
async function rewrap(env: Record<string, string>): Promise<Rewrapped> {
  const all = {
    LANYARD_DATA_DIR: folder,
    ...Object.fromEntries(SOURCES.map((source) => [`${source.toUpperCase()}_DATABASE_URL`, database.url(`lanyard_${source}`)])),
    LANYARD_KEK: SECRETS.kek.toString('hex'),
    LANYARD_SEALING_KEK: SECRETS.sealingKek.toString('hex'),
    ...env,
  };
  const owners = await openOwners(all);
  return rewrapAll(owners, all).finally(() => owners.close());
}
const refused = (exitCode: number, message: RegExp) => expect.objectContaining({ exitCode, message: expect.stringMatching(message) });
const stored = () => withDatabase(async (db) => (await db.query('SELECT kid, line, state, envelope FROM keys ORDER BY kid')).rows);
const audited = () => withDatabase(async (db) => (await db.query("SELECT actor, details FROM audit WHERE action = 'keys.rewrapped'")).rows);

test('without a new key, with one that is no key, or with a wrong one of now, nothing is touched and the sentence says why', async () => {
  const before = await stored();
  await expect(rewrap({})).rejects.toEqual(refused(2, /LANYARD_KEK_NEXT/));
  await expect(rewrap({ LANYARD_KEK_NEXT: 'short' })).rejects.toEqual(refused(1, /^LANYARD_KEK_NEXT: expected 32 bytes/));
  await expect(rewrap({ LANYARD_KEK: NEXT, LANYARD_KEK_NEXT: randomBytes(32).toString('hex') })).rejects.toEqual(
    refused(1, /LANYARD_KEK is not the key/),
  );
  expect(await stored()).toEqual(before);
  expect(await audited()).toEqual([]);
});

test('while the token service is connected it refuses', async () => {
  const running = await openTokenDatabase(database.url('lanyard_token'), 'running');
  await expect(rewrap({ LANYARD_KEK_NEXT: NEXT })).rejects.toEqual(refused(1, /stop Lanyard first/));
  await running.close();
});

test('one of the two KEKs can change alone; a second run does nothing and audits nothing', async () => {
  const before = await stored();
  expect(await rewrap({ LANYARD_KEK_NEXT: NEXT })).toEqual({ rewrapped: 3 });
  expect(await rewrap({ LANYARD_KEK_NEXT: NEXT })).toEqual({ rewrapped: 0 });
  const after = await stored();
  expect(after.map(({ kid, state }) => [kid, state])).toEqual(before.map(({ kid, state }) => [kid, state]));
  const changed = after.filter(({ envelope }, index) => envelope !== before[index]?.envelope).map(({ line }) => line);
  expect(changed.sort()).toEqual(['refresh_mac', 'signing:ES256', 'signing:RS256']);
  expect(await audited()).toEqual([{ actor: 'operator', details: { keys: 3, kek: true, sealing_kek: false } }]);
});
