import { Injectable } from '@nestjs/common';
import { Database, type Tx } from '#libs/database';
import { Outbox } from '#libs/event-log';
import { oauthError } from '#libs/protocol';
import { recordAudit } from '../audit/record-audit.js';
import { initiatorOf } from '../changes/actor.js';
import { AfterSubjectChange, type CommittedChange, type SubjectOutcome } from '../changes/after-subject-change.js';
import { HashingQueue } from './hashing-queue.js';
import { hashPassword } from './password-hash.js';
import { passwordProblem } from './password-rules.js';
import { noSuchUser, publishRaised } from './publish-subject.js';
import type { User } from './user.js';
import { UserStore } from './users.store.js';

/** By the person: `proven` is the user as VerifyPassword answered with it when the present password was typed. */
export interface OwnChange {
  readonly proven: User;
  readonly password: string;
  /** The session it is done from, if it is to stay (ASVS 7.4.3). Every other ends. */
  readonly keepSid: string | null;
}

interface NewPassword {
  sub: string;
  passwordHash: string;
  actor: string;
  keepSid: string | null;
  /** Only if the subject still has this generation, and is not disabled. */
  provenGen: number | null;
}

/**
 * A new password raises the generation: whoever came in by the old one is out, sessions, grants and tokens, online and offline (docs/decisions
 * 0013, RFC 9700 §4.14.2), and a login that has just proven the old one is refused when its session would start.
 */
@Injectable()
export class ChangePassword {
  constructor(
    private readonly db: Database,
    private readonly outbox: Outbox,
    private readonly users: UserStore,
    private readonly queue: HashingQueue,
    private readonly after: AfterSubjectChange,
  ) {}

  /** By an operator, for whoever lost theirs. Nothing stays. */
  async byOperator({ sub, password, actor }: { sub: string; password: string; actor: string }): Promise<SubjectOutcome> {
    const user = await this.users.get(sub);
    if (!user) throw noSuchUser();
    return this.change(user, password, { sub, actor, keepSid: null, provenGen: null });
  }

  /** null: between the proof and now the account was changed (another password, disabled): the proof is worth nothing any more. */
  async byUser({ proven, password, keepSid }: OwnChange): Promise<SubjectOutcome | null> {
    const { sub, gen } = proven;
    try {
      return await this.change(proven, password, { sub, actor: sub, keepSid, provenGen: gen });
    } catch (error) {
      if (error instanceof Superseded) return null;
      throw error;
    }
  }

  private async change(user: User, password: string, rest: Omit<NewPassword, 'passwordHash'>): Promise<SubjectOutcome> {
    const problem = passwordProblem(password, user.username);
    if (problem) throw oauthError('invalid_request', { description: problem });
    const passwordHash = await this.queue.run(() => hashPassword(password));
    return this.after.announce(await this.db.transaction((tx) => changePassword(tx, this.outbox, { ...rest, passwordHash })));
  }
}

class Superseded extends Error {}

/**
 * The race: an operator resets a password while somebody who knows the old one is changing it. The condition lets only one be last: the
 * operator's, since the proof of the other was of a generation that is gone.
 */
export async function changePassword(tx: Tx, outbox: Outbox, change: NewPassword): Promise<CommittedChange> {
  const { sub, passwordHash, actor, keepSid, provenGen } = change;
  const { rows } = await tx.query<{ gen: number }>(
    `UPDATE subject SET password_hash = $2, password_changed_at = lanyard.now(), gen = gen + 1, updated_at = lanyard.now()
     WHERE sub = $1 AND ($3::int IS NULL OR (gen = $3 AND NOT disabled AND NOT left_file)) RETURNING gen`,
    [sub, passwordHash, provenGen],
  );
  const [raised] = rows;
  if (!raised) throw provenGen === null ? noSuchUser() : new Superseded();
  const { gen } = raised;
  const reason = initiatorOf(actor, sub);
  await recordAudit(tx, [{ actor, action: 'subject.password_changed', target: sub, reason, details: { gen, kept_sid: keepSid } }]);
  return publishRaised(tx, outbox, { sub, gen, change: 'password_changed', actor, keepSid });
}
