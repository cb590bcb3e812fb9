import { Injectable } from '@nestjs/common';
import { Database } from '#libs/database';
import { Ticker } from '#libs/event-log';
import { Log } from '#libs/http';
import { Lifetimes } from '../sessions/lifetimes.js';

const EVERY_MS = 10 * 60_000;
const BATCH = 500;

/** Removes ended sessions after max lifetime + 7 days, with their participants, deliveries and attempts. The audit stays. */
@Injectable()
export class Sweeper {
  private readonly ticker: Ticker;

  constructor(
    private readonly db: Database,
    private readonly lifetimes: Lifetimes,
    private readonly log: Log,
  ) {
    this.ticker = new Ticker(
      EVERY_MS,
      () => this.sweepAll(),
      (error) => this.log.warn('sweeper interrupted', {}, error),
    );
  }

  start(): void {
    this.ticker.start();
  }

  async stop(): Promise<void> {
    await this.ticker.stop();
  }

  /** A delivery that still waits keeps its session: nothing that is owed is swept. */
  async sweepAll(): Promise<void> {
    for (let swept = BATCH; swept === BATCH; ) {
      const { affected } = await this.db.query(
        `DELETE FROM session WHERE sid IN (
           SELECT s.sid FROM session s WHERE s.state = 'ended' AND s.ended_at < (SELECT lanyard.now()) - $1::float8 * interval '1 second'
             AND NOT EXISTS (SELECT FROM delivery d WHERE d.sid = s.sid AND d.state = 'pending')
           ORDER BY s.ended_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`,
        [this.lifetimes.retention],
      );
      swept = affected;
    }
  }
}
