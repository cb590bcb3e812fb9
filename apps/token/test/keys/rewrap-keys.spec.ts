import { randomBytes } from 'node:crypto';
import type { Database, Tx } from '#libs/database';
import { Kek, KeyError } from '#libs/keys';
import { createTestDatabase, type TestDatabase } from '#libs/testing';
import { rewrapKeys } from '../../src/keys/rewrap-keys.js';
import { Instance, openKeysDatabase, SECRETS } from './key-fixture.js';

let database: TestDatabase;
let db: Database;
beforeAll(async () => {
  database = await createTestDatabase();
  db = await openKeysDatabase(database);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const keks = ({ kek, sealingKek }: typeof SECRETS) => ({
  kek: Kek.local(kek, 'LANYARD_KEK'),
  sealingKek: Kek.local(sealingKek, 'LANYARD_SEALING_KEK'),
});
const NEW = { kek: randomBytes(32), sealingKek: randomBytes(32) };
const LOST = { kek: randomBytes(32), sealingKek: randomBytes(32) };
const recorded: number[] = [];
const record = async (_tx: Tx, moved: number) => void recorded.push(moved);
const rewrap = (from: typeof SECRETS, to: typeof SECRETS) => rewrapKeys(db, { from: keks(from), to: keks(to) }, record);
const POSITION = { gid: 'grant', sid: null, seq: 1 };

it('all stored keys move to the new key-encryption keys, and are the same keys', async () => {
  const before = new Instance(db);
  await before.keys.start();
  const token = before.keys.encodeRefreshToken(POSITION);
  await before.keys.stop();
  await expect(rewrap(LOST, NEW)).rejects.toThrow(KeyError);
  expect(await rewrap(SECRETS, NEW)).toBe(4);
  expect(await rewrap(SECRETS, NEW)).toBe(0);
  expect(recorded).toEqual([4]);
  await expect(new Instance(db).keys.start()).rejects.toThrow('LANYARD_KEK is not the key');
  const after = new Instance(db, { secrets: NEW });
  await after.keys.start();
  expect(after.keys.publicJwks()).toEqual(before.keys.publicJwks());
  expect(await after.keys.decodeRefreshToken(token)).toEqual(POSITION);
  expect(after.keys.activeSealingKey().kid).toBe(before.keys.activeSealingKey().kid);
  await after.keys.stop();
});
