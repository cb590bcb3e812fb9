import type { Sql } from './sql.js';

const REREAD_MS = 60_000;
/** The machine slept, or its date was set: one of the two clocks of this process no longer says how much time passed. */
const DIVERGED_MS = 5_000;

/**
 * The database server's clock as this process knows it: read at start, carried on by monotonic time, read again behind a caller's
 * back now and then. What two services must agree on (service tokens) is judged by it, so machines whose own clocks are wrong
 * still understand each other (race 11). Not `lanyard.now()`: a handshake between processes is no deadline of the business.
 */
export class ServerClock {
  private base: { server: number; monotonic: number; wall: number };
  private rereading = false;

  private constructor(
    private readonly sql: Sql,
    base: ServerClock['base'],
  ) {
    this.base = base;
  }

  static async read(sql: Sql): Promise<ServerClock> {
    return new ServerClock(sql, await readingOf(sql));
  }

  /** Milliseconds since the epoch. */
  now(): number {
    const passed = performance.now() - this.base.monotonic;
    if (passed > REREAD_MS || Math.abs(Date.now() - this.base.wall - passed) > DIVERGED_MS) void this.reread();
    return this.base.server + passed;
  }

  /** A database that can't be asked leaves the last reading standing. */
  private async reread(): Promise<void> {
    if (this.rereading) return;
    this.rereading = true;
    try {
      this.base = await readingOf(this.sql);
    } catch {
      // asked again at the next use
    } finally {
      this.rereading = false;
    }
  }
}

async function readingOf(sql: Sql): Promise<ServerClock['base']> {
  const { rows } = await sql.query<{ ms: number }>('SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms');
  return { server: Number(rows[0]?.ms), monotonic: performance.now(), wall: Date.now() };
}
