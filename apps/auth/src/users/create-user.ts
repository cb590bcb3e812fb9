import { Injectable } from '@nestjs/common';
import { usernameKey } from '#libs/config';
import { Database, randomId, type Tx } from '#libs/database';
import { Outbox, Relay } from '#libs/event-log';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { HashingQueue } from './hashing-queue.js';
import { hashPassword } from './password-hash.js';
import { passwordProblem } from './password-rules.js';

export interface NewUser {
  readonly username: string;
  readonly password: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly roles: readonly string[];
}

/** A user that no file speaks of: the import leaves it alone until a file names it. */
@Injectable()
export class CreateUser {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly relay: Relay,
    private readonly queue: HashingQueue,
  ) {}

  /** Answers the `sub`. */
  async create(user: NewUser, actor: string): Promise<string> {
    const problem = passwordProblem(user.password, user.username);
    if (problem) throw oauthError('invalid_request', { description: problem });
    const passwordHash = await this.queue.run(() => hashPassword(user.password));
    const sub = await this.db.transaction((tx) => this.write(tx, user, passwordHash, actor));
    this.relay.nudge();
    return sub;
  }

  private async write(tx: Tx, { username, claims, roles }: NewUser, passwordHash: string, actor: string): Promise<string> {
    const { rows } = await tx.query<{ sub: string }>(
      `INSERT INTO subject (sub, username, username_key, password_hash, password_changed_at, claims, roles, gen, disabled, from_file, left_file,
         created_at, updated_at)
       VALUES ($1, $2, $3, $4, lanyard.now(), $5, $6, 0, false, false, false, lanyard.now(), lanyard.now())
       ON CONFLICT (username_key) DO NOTHING RETURNING sub`,
      [randomId(), username, usernameKey(username), passwordHash, JSON.stringify(claims), [...roles]],
    );
    const [created] = rows;
    if (!created) throw oauthError('conflict', { description: 'There is a user of that name.' });
    const { sub } = created;
    await recordAudit(tx, [{ actor, action: 'subject.created', target: sub, reason: null, details: { from_file: false } }]);
    await this.outbox.add(tx, { events: [{ name: 'SubjectChanged', payload: { sub, gen: 0, change: 'created' } }] });
    return sub;
  }
}
