import { hash } from '@node-rs/argon2';
import { HashingQueue } from '../src/users/hashing-queue.js';
import { hashPassword, needsRehash, verifyHash } from '../src/users/password-hash.js';
import { VerifyPassword } from '../src/users/verify-password.js';
import { RecordsWorld } from './records-world.js';

let world: RecordsWorld;
let passwords: VerifyPassword;
beforeAll(async () => {
  world = await RecordsWorld.create();
  await world.import({
    users: [
      { username: 'Jane', password: 'correct horse' },
      { username: 'zoë', password: 'pass\u0301word' },
    ],
  });
  passwords = new VerifyPassword(world.db, new HashingQueue());
});
afterAll(() => world.dispose());

test('argon2id with the parameters of SECURITY.md', async () => {
  expect(await hashPassword('x')).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
});

test('right, wrong, unknown, and a disabled user’s right password', async () => {
  expect(await passwords.verify('jANE', 'correct horse')).toMatchObject({ outcome: 'right', user: { username: 'Jane' } });
  expect(await passwords.verify('jane', 'Correct horse')).toMatchObject({ outcome: 'wrong' });
  expect(await passwords.verify('nobody', 'correct horse')).toMatchObject({ outcome: 'wrong' });
  await world.db.query("UPDATE subject SET disabled = true WHERE username = 'Jane'");
  expect(await passwords.verify('jane', 'wrong')).toMatchObject({ outcome: 'wrong' });
  expect(await passwords.verify('jane', 'correct horse')).toMatchObject({ outcome: 'disabled' });
  await world.db.query('UPDATE subject SET disabled = false');
});

test('the answer never carries the hash', async () => {
  expect(JSON.stringify(await passwords.verify('jane', 'correct horse'))).not.toContain('argon2');
});

test('the same characters from another keyboard are the same password and the same name', async () => {
  expect(await passwords.verify('zoe\u0308', 'pas\u015bword')).toMatchObject({
    outcome: 'right',
  });
});

test.each([
  ['empty', ''],
  ['a megabyte', 'x'.repeat(1_000_000)],
  ['a NUL', 'correct horse\0'],
])('%s is wrong, not an error', async (_, password) => {
  expect(await passwords.verify('jane', password)).toMatchObject({ outcome: 'wrong' });
});

test.each([
  ['a NUL', 'ja\0ne'],
  ['a megabyte', 'x'.repeat(1_000_000)],
  ['a lone surrogate', '\ud800'],
])('a username with %s is nobody', async (_, username) => {
  expect(await passwords.verify(username, 'correct horse')).toMatchObject({ outcome: 'wrong' });
});

test('a hash under weaker parameters is replaced at the next right password, not at a wrong one', async () => {
  const weak = await hash('correct horse', { memoryCost: 8_192, timeCost: 1, parallelism: 1 });
  await world.db.query("UPDATE subject SET password_hash = $1 WHERE username = 'Jane'", [weak]);
  const stored = async () =>
    (await world.db.query<{ h: string }>("SELECT password_hash AS h FROM subject WHERE username = 'Jane'")).rows[0]?.h ?? '';
  await passwords.verify('jane', 'wrong');
  expect(await stored()).toBe(weak);
  await passwords.verify('jane', 'correct horse');
  expect(needsRehash(await stored())).toBe(false);
  expect(await verifyHash(await stored(), 'correct horse')).toBe(true);
});

describe('the hashing queue', () => {
  const gate = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  };

  test('runs so many at once, lets so many wait, and refuses the rest at once with 503 and Retry-After', async () => {
    const queue = new HashingQueue(2, 3);
    const { open, opened } = gate();
    let [running, most] = [0, 0];
    const work = async () => {
      running += 1;
      most = Math.max(most, running);
      await opened;
      running -= 1;
    };
    const accepted = Array.from({ length: 5 }, () => queue.run(work));
    await expect(queue.run(work)).rejects.toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    open();
    await Promise.all(accepted);
    expect(most).toBe(2);
    await expect(queue.run(async () => 'again')).resolves.toBe('again');
  });

  test('a hash that fails frees its place', async () => {
    const queue = new HashingQueue(1, 1);
    await expect(queue.run(() => Promise.reject(new Error('no memory')))).rejects.toThrow('no memory');
    await expect(queue.run(async () => 1)).resolves.toBe(1);
  });
});
