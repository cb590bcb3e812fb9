import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import type { SessionTruth } from '#libs/contracts';
import { Database, Pepper } from '#libs/database';
import { CHECKPOINTS } from '../ports.js';
import { Lifetimes } from './lifetimes.js';
import { recordParticipant } from './participant.store.js';
import { type Judgement, judge, lockActive } from './session.store.js';
import { cookieMac } from './session-cookie.js';

/**
 * What everybody who makes tokens asks before making them (DESIGN: "Truth is asked where tokens are made"). Reads only, but for the
 * participant.
 */
@Injectable()
export class Truth {
  constructor(
    private readonly db: Database,
    private readonly lifetimes: Lifetimes,
    private readonly pepper: Pepper,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {}

  async bySid(sid: string): Promise<SessionTruth> {
    return this.answer(await this.settled('sid', sid));
  }

  async byCookie(cookie: string): Promise<SessionTruth> {
    const mac = cookieMac(this.pepper, cookie);
    // The MAC of nothing: an answer with the database's time, as any other.
    return this.answer(await this.settled('cookie_mac', mac ?? ''));
  }

  /**
   * The race: an end copies the participants into deliveries. Recorded without the share lock, a client could get tokens from a session
   * whose deliveries were already written, and never hear of the end (S9).
   */
  async withParticipant(sid: string, clientId: string): Promise<SessionTruth> {
    return this.db.transaction(async (tx) => {
      await lockActive(tx, 'sid', sid, 'share');
      await this.checkpoints.reach('session.truth.after-lock');
      const judged = await judge(tx, 'sid', sid);
      if (judged.found?.alive) await recordParticipant(tx, sid, clientId);
      await this.checkpoints.reach('session.truth.before-commit');
      return this.answer(judged);
    });
  }

  /**
   * The race: a touch may hold the row, judged before the deadline and committing after it. "Dead" is for good, so a row that is due but
   * not yet ended is read again behind that touch. Costs nothing until a row is due.
   */
  private async settled(by: 'sid' | 'cookie_mac', value: string): Promise<Judgement> {
    const judged = await judge(this.db, by, value);
    if (!judged.found?.active || judged.found.alive) return judged;
    return this.db.transaction(async (tx) => {
      await lockActive(tx, by, value, 'share');
      return judge(tx, by, value);
    });
  }

  private answer({ found, db_time }: Judgement): SessionTruth {
    if (!found?.alive) return { alive: false, db_time };
    return { alive: true, session: found.session, touch_due: this.lifetimes.touchDue(found.session, db_time), db_time };
  }
}
