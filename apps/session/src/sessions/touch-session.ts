import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { SessionTruth } from '#libs/contracts';
import { Database, type Tx } from '#libs/database';
import { CHECKPOINTS } from '../ports.js';
import { Lifetimes } from './lifetimes.js';
import { CLOCK, lockActive } from './session.store.js';
import { Truth } from './truth.js';

/** Activity. Moves the idle deadline when that is worth a write; the answer is truth after it. */
@Injectable()
export class TouchSession {
  constructor(
    private readonly db: Database,
    private readonly lifetimes: Lifetimes,
    private readonly truth: Truth,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async touch(sid: string): Promise<SessionTruth> {
    const before = await this.truth.bySid(sid);
    if (!before.alive || !before.touch_due) return before;
    await this.checkpoints.reach('session.touch.before-lock');
    await this.db.transaction(async (tx) => {
      await lockActive(tx, 'sid', sid, 'update');
      await moveDeadline(tx, sid, this.lifetimes);
      await this.checkpoints.reach('session.touch.before-commit');
    });
    return this.truth.bySid(sid);
  }
}

/**
 * Race 4, the touch's half: only a row that is active and not yet due moves. The clock is read after the lock was got, so a touch that
 * waited past the deadline changes nothing, and a due row never comes back.
 */
async function moveDeadline(tx: Tx, sid: string, lifetimes: Lifetimes): Promise<void> {
  const { plain, remembered } = lifetimes;
  await tx.query(
    `UPDATE session s SET last_seen_at = c.now,
       idle_deadline = LEAST(c.now + CASE WHEN s.remember THEN $2::float8 ELSE $3::float8 END * interval '1 second', s.absolute_deadline)
     FROM ${CLOCK} WHERE s.sid = $1 AND s.state = 'active' AND s.idle_deadline > c.now`,
    [sid, remembered.idle, plain.idle],
  );
}
