import { Injectable } from '@nestjs/common';
import { usernameKey } from '#libs/config';
import { Database } from '#libs/database';
import type { User } from './user.js';

export const USER_COLUMNS = 'sub, username, gen, disabled OR left_file AS disabled, claims, roles, lanyard.ms(updated_at) AS "updatedAt"';

/**
 * apps/auth/src/users owns the people and their passwords: reading them, proving a password, switching one off. The import and the
 * internal API write through it; login and userinfo read.
 */
@Injectable()
export class UserStore {
  constructor(private readonly db: Database) {}

  /** Case and compatibility forms don't matter: they are one account to the person who types. */
  async findByUsername(username: string): Promise<User | null> {
    const key = usernameKey(username);
    // Postgres can't store NUL; a name of that length is nobody's.
    if (key.length > 255 || key.includes('\0')) return null;
    const { rows } = await this.db.query<User>(`SELECT ${USER_COLUMNS} FROM subject WHERE username_key = $1`, [key]);
    return rows[0] ?? null;
  }

  async get(sub: string): Promise<User | null> {
    if (sub.includes('\0')) return null;
    const { rows } = await this.db.query<User>(`SELECT ${USER_COLUMNS} FROM subject WHERE sub = $1`, [sub]);
    return rows[0] ?? null;
  }
}
