import { Inject, Injectable } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { Database } from '#libs/database';
import { Ticker } from '#libs/event-log';
import { Log } from '#libs/http';
import { CHECKPOINTS } from '../ports.js';
import { AfterEnd } from '../sessions/after-end.js';
import { type EndCause, type EndedBatch, EndPorts, endSessions } from '../sessions/end-sessions.js';

/** Twice within the second that an expiry's event may take. */
const TICK_MS = 500;
const BATCH = 200;

/** The end writes the true reason of a due row itself; this one is never used for it. */
const EXPIRY: EndCause = { reason: 'idle_timeout', initiated_by: 'policy', actor: null };

/**
 * apps/session/src/expiry owns the end of sessions that nobody ends: it writes down what truth already says, and sweeps what is old.
 * Any number of instances: SKIP LOCKED gives each due row to one of them. It decides nothing that truth doesn't.
 */
@Injectable()
export class Reaper {
  private readonly ticker: Ticker;

  constructor(
    private readonly db: Database,
    private readonly ports: EndPorts,
    private readonly afterEnd: AfterEnd,
    private readonly log: Log,
    @Inject(CHECKPOINTS) private readonly checkpoints: Checkpoints,
  ) {
    this.ticker = new Ticker(
      TICK_MS,
      () => this.reapAll(),
      (error) => this.log.warn('reaper interrupted', {}, error),
    );
  }

  start(): void {
    this.ticker.start();
  }

  async stop(): Promise<void> {
    await this.ticker.stop();
  }

  async reapAll(): Promise<void> {
    while ((await this.reapBatch()) === BATCH);
  }

  /** Answers how many rows it held; fewer than a batch = nothing more is due that another instance doesn't hold. */
  private async reapBatch(): Promise<number> {
    let held = 0;
    const batch = await this.db.transaction(async (tx): Promise<EndedBatch> => {
      // Race 4, the reaper's half: a row that a touch moved while this looked at it is judged again by its new deadline.
      const { rows } = await tx.query<{ sid: string }>(
        `SELECT sid FROM session WHERE state = 'active' AND idle_deadline <= (SELECT lanyard.now())
         ORDER BY idle_deadline LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED`,
      );
      held = rows.length;
      if (held > 0) await this.checkpoints.reach('session.reap.after-claim');
      return endSessions(
        tx,
        this.ports,
        rows.map(({ sid }) => sid),
        EXPIRY,
      );
    });
    if (held > 0) await this.checkpoints.reach('session.reap.after-commit');
    // Nobody waits for this answer, and the tokens of these sessions have expired: the next batch need not wait for the views.
    void this.afterEnd
      .announce(batch.entries, batch.sessions)
      .catch((error: unknown) => this.log.warn('hints of an expiry were lost', {}, error));
    return held;
  }
}
