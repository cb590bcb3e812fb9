import { Injectable } from '@nestjs/common';
import { usernameKey } from '#libs/config';
import { Database, randomSecret } from '#libs/database';
import { HashingQueue } from './hashing-queue.js';
import { hashPassword, needsRehash, verifyHash } from './password-hash.js';
import type { User } from './user.js';
import { USER_COLUMNS } from './users.store.js';

/** `disabled` is told to a right password only, and is for the audit, as is whose password was wrong: the page says the same of all. */
export type PasswordCheck =
  | { outcome: 'right'; user: User }
  | { outcome: 'wrong'; sub: string | null }
  | { outcome: 'disabled'; user: User };

/** Whether this is that user's password. The caller has counted the attempt before (RELIABILITY, race 16). */
@Injectable()
export class VerifyPassword {
  private dummy: Promise<string> | undefined;

  constructor(
    private readonly db: Database,
    private readonly queue: HashingQueue,
  ) {}

  /** Throws `temporarily_unavailable` when the hashing queue is full. An unknown user costs the same hash (SECURITY, Constant time). */
  async verify(username: string, password: string): Promise<PasswordCheck> {
    const row = await this.find(username);
    this.dummy ??= hashPassword(randomSecret(''));
    const hash = row?.passwordHash ?? (await this.dummy);
    const right = await this.queue.run(() => verifyHash(hash, password));
    if (!row || !right) return { outcome: 'wrong', sub: row?.sub ?? null };
    const { passwordHash, ...user } = row;
    if (needsRehash(passwordHash)) await this.rehash(user.sub, passwordHash, password);
    return { outcome: user.disabled ? 'disabled' : 'right', user };
  }

  private async find(username: string): Promise<(User & { passwordHash: string }) | null> {
    const key = usernameKey(username);
    if (key.length > 255 || key.includes('\0')) return null;
    const { rows } = await this.db.query<User & { passwordHash: string }>(
      `SELECT ${USER_COLUMNS}, password_hash AS "passwordHash" FROM subject WHERE username_key = $1`,
      [key],
    );
    return rows[0] ?? null;
  }

  /** Stronger parameters reach old hashes at sign-in. Conditional: a password changed meanwhile must not be undone. */
  private async rehash(sub: string, old: string, password: string): Promise<void> {
    const fresh = await this.queue.run(() => hashPassword(password));
    await this.db.query('UPDATE subject SET password_hash = $3 WHERE sub = $1 AND password_hash = $2', [sub, old, fresh]);
  }
}
