import type { TestDatabase } from './test-database.js';

/**
 * Moves the database's clock: replaces `lanyard.now()`, through which all SQL judges time, for everyone who uses this database.
 * Timers of the processes don't move; a test waits for the condition it wants instead.
 */
export class TimeMachine {
  private offsetMs = 0;

  constructor(private readonly database: Pick<TestDatabase, 'query'>) {}

  async advance(ms: number): Promise<void> {
    this.offsetMs += ms;
    await this.replace(`clock_timestamp() + interval '${this.offsetMs} milliseconds'`);
  }

  /** Stops the clock at a moment (milliseconds since the epoch), to stand exactly on a deadline. */
  async freezeAt(ms: number): Promise<void> {
    await this.replace(`timestamptz 'epoch' + ${ms}::bigint * interval '1 millisecond'`);
  }

  async reset(): Promise<void> {
    this.offsetMs = 0;
    await this.replace('clock_timestamp()');
  }

  async now(): Promise<number> {
    const [row] = await this.database.query<{ ms: string }>('SELECT lanyard.now_ms() AS ms');
    return Number(row?.ms);
  }

  private async replace(expression: string): Promise<void> {
    await this.database.query(
      `CREATE OR REPLACE FUNCTION lanyard.now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS $$ SELECT ${expression} $$`,
    );
  }
}
