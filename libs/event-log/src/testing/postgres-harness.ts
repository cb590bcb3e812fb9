import { type BroadcastReader } from '../broadcast/broadcast-reader.js';
import { PostgresLogReader, type PostgresLogReaderOptions } from '../postgres/postgres-log-reader.js';
import type { BroadcastHarness } from './broadcast-cases.js';
import type { LogWorld } from './log-world.js';

export const HORIZON_MS = 4_200_000;

/** The Postgres driver under the contract. `make` lets a spec hand in a reader that is broken on purpose. */
export class PostgresHarness implements BroadcastHarness {
  private readonly readers: BroadcastReader[] = [];

  constructor(
    private readonly world: LogWorld,
    private readonly make: (options: PostgresLogReaderOptions) => BroadcastReader = (options) => new PostgresLogReader(options),
  ) {}

  reader(): BroadcastReader {
    const reader = this.make({ logDatabaseUrl: this.world.logUrl, horizonMs: HORIZON_MS, sources: ['session'] });
    this.readers.push(reader);
    return reader;
  }

  async stop(): Promise<void> {
    await Promise.all(this.readers.splice(0).map((reader) => reader.stop()));
  }

  async end(...sids: string[]): Promise<void> {
    await this.world.publish('session', { revocations: sids.map((id) => ({ kind: 'session', id })) });
  }

  endSlowly(sid: string): Promise<{ commit(): Promise<void> }> {
    return this.world.hold('session', { revocations: [{ kind: 'session', id: sid }] });
  }

  relay(): Promise<void> {
    return this.world.relay('session');
  }

  async lose(sid: string): Promise<void> {
    // As one change: written, numbered and gone, so that no reader can have seen it.
    await this.world.database.query(
      `WITH n AS (UPDATE session.outbox_partition SET last_pseq = last_pseq + 2 WHERE stream = 'revocations' RETURNING last_pseq)
       INSERT INTO session.outbox (stream, partition, pseq, event_id, key, name, version, body, created_at)
       SELECT 'revocations', 0, last_pseq, 'after-' || $1, 'after-' || $1, 'session', 1, '{}', lanyard.now() FROM n`,
      [sid],
    );
  }

  async newEpoch(): Promise<void> {
    await this.world.database.query(`BEGIN;
      CREATE OR REPLACE FUNCTION session.log_epoch() RETURNS text LANGUAGE sql AS $$ SELECT 'another epoch' $$;
      ALTER SEQUENCE session.log_ticket RESTART;
      UPDATE session.outbox SET pseq = NULL WHERE stream = 'revocations' AND pseq IS NOT NULL AND row_id > (
        SELECT min(row_id) FROM session.outbox WHERE stream = 'revocations');
      DELETE FROM session.outbox WHERE stream = 'revocations' AND pseq IS NULL;
      UPDATE session.outbox_partition SET last_pseq = (SELECT coalesce(max(pseq), 0) FROM session.outbox WHERE stream = 'revocations')
        WHERE stream = 'revocations';
      UPDATE session.log_epoch_vouched SET epoch = 'another epoch';
      COMMIT`);
  }

  async cut(): Promise<() => Promise<void>> {
    const { database } = this.world;
    await database.query(`REVOKE CONNECT ON DATABASE "${database.name}" FROM lanyard_log`);
    await database.query(
      "SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'lanyard_log'",
    );
    return async () => {
      await database.query(`GRANT CONNECT ON DATABASE "${database.name}" TO lanyard_log`);
    };
  }
}
