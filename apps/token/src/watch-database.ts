import { type Database, isUnavailable } from '#libs/database';
import { Ticker } from '#libs/event-log';
import type { Readiness } from '#libs/http';

/** Says in /health/ready that the database is away, and when it is back: client credentials need none, everything else here does. */
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
