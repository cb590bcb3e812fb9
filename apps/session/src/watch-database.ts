import { type Database, isUnavailable } from '#libs/database';
import { Ticker } from '#libs/event-log';
import type { Readiness } from '#libs/http';

/** Says in /health/ready that the database is away, and when it is back. Every answer here comes from it, so without it nothing is served. */
export function watchDatabase(db: Database, readiness: Readiness): Ticker {
  return new Ticker(
    1_000,
    async () => {
      await db.query('SELECT');
      readiness.set('database', true);
    },
    (error) => readiness.set('database', !isUnavailable(error), error instanceof Error ? error.message : String(error)),
  );
}
