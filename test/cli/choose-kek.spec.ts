import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseKek } from '../../scripts/cli/rewrap/choose-kek.js';

let secrets: string;
beforeEach(() => {
  secrets = mkdtempSync(join(tmpdir(), 'lanyard-secrets-'));
  writeFileSync(join(secrets, 'kek'), randomBytes(32).toString('base64url'));
});
afterEach(() => rmSync(secrets, { recursive: true }));

const choose = () => chooseKek('LANYARD_KEK', {}, secrets);

test('a run that ended between the database and the files is finished by the next one with the same new key', () => {
  const first = choose();
  const second = choose();
  expect(second.from).toEqual(first.from);
  expect(second.to).toEqual(first.to);
  expect(second.to).not.toEqual(second.from);
  second.settle();
  expect(Buffer.from(readFileSync(join(secrets, 'kek'), 'utf8'), 'base64url')).toEqual(first.to);
  expect(Buffer.from(readFileSync(join(secrets, 'kek.previous'), 'utf8'), 'base64url')).toEqual(first.from);
  expect(readdirSync(secrets).sort()).toEqual(['kek', 'kek.previous']);
  expect(choose().from).toEqual(first.to);
});

test('what the environment names goes before the folder, which is then left alone', () => {
  const [now, next] = [randomBytes(32), randomBytes(32)];
  const env = { LANYARD_KEK: now.toString('hex'), LANYARD_KEK_NEXT: next.toString('hex') };
  const chosen = chooseKek('LANYARD_KEK', env, secrets);
  chosen.settle();
  expect([chosen.from, chosen.to]).toEqual([now, next]);
  expect(readdirSync(secrets)).toEqual(['kek']);
});
