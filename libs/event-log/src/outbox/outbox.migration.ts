import { GROUP_READERS, type SourceName } from '#libs/contracts';
import { PARTITIONS, schemaOf } from '../partitions.js';

/** Raised by take_ticket() while no owner has vouched for the database's present epoch (RELIABILITY 10). */
export const EPOCH_NOT_VOUCHED = 'LY001';

const STREAM_NAMES = ['revocations', 'events'];

/**
 * What an owner's schema needs to publish. `lanyard_log` may read the outbox and its partitions and take tickets, nothing else.
 * A sequence with CACHE 1: with a larger cache a session could hand out a ticket below one that was already seen.
 */
export function outboxMigration(source: SourceName): { up: string[]; down: string[] } {
  const s = schemaOf(source);
  const partitions = STREAM_NAMES.flatMap((stream) => Array.from({ length: PARTITIONS }, (_, n) => `('${stream}', ${n})`));
  const readers = GROUP_READERS[source].flatMap((reader) => Array.from({ length: PARTITIONS }, (_, n) => `('${reader}', 'events', ${n})`));
  return {
    up: [
      ...tables(s),
      `INSERT INTO ${s}.outbox_partition (stream, partition) VALUES ${partitions.join(', ')}`,
      ...(readers.length > 0 ? [`INSERT INTO ${s}.log_reader (reader, stream, partition) VALUES ${readers.join(', ')}`] : []),
      ...functions(s),
      `REVOKE ALL ON FUNCTION ${s}.log_epoch(), ${s}.take_ticket() FROM PUBLIC`,
      `GRANT USAGE ON SCHEMA ${s} TO lanyard_log`,
      `GRANT SELECT ON ${s}.outbox, ${s}.outbox_partition TO lanyard_log`,
      `GRANT EXECUTE ON FUNCTION ${s}.take_ticket() TO lanyard_log`,
    ],
    down: [
      `DROP FUNCTION ${s}.take_ticket()`,
      `DROP FUNCTION ${s}.log_epoch()`,
      `DROP SEQUENCE ${s}.log_ticket`,
      `DROP TABLE ${s}.outbox_dead_letter, ${s}.log_epoch_vouched, ${s}.log_reader, ${s}.outbox_partition, ${s}.outbox`,
    ],
  };
}

function tables(s: string): string[] {
  return [
    `CREATE TABLE ${s}.outbox (
       row_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text NOT NULL, partition integer NOT NULL, pseq bigint,
       event_id text NOT NULL, key text NOT NULL, name text NOT NULL, version integer NOT NULL, body jsonb NOT NULL,
       created_at timestamptz NOT NULL)`,
    // Serves `pseq > n`, `pseq IS NULL` and the rule that a number is given once.
    `CREATE UNIQUE INDEX outbox_number ON ${s}.outbox (stream, partition, pseq)`,
    `CREATE INDEX outbox_time ON ${s}.outbox (stream, partition, created_at)`,
    `CREATE TABLE ${s}.outbox_partition (
       stream text NOT NULL, partition integer NOT NULL, last_pseq bigint NOT NULL DEFAULT 0, published bigint NOT NULL DEFAULT 0,
       passed bigint NOT NULL DEFAULT 0, swept bigint NOT NULL DEFAULT 0, PRIMARY KEY (stream, partition))`,
    `CREATE TABLE ${s}.log_reader (
       reader text NOT NULL, stream text NOT NULL, partition integer NOT NULL, position bigint NOT NULL DEFAULT 0,
       reported_at timestamptz, PRIMARY KEY (reader, stream, partition))`,
    `CREATE TABLE ${s}.log_epoch_vouched (only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row), epoch text, refused text)`,
    `CREATE TABLE ${s}.outbox_dead_letter (
       reader text NOT NULL, stream text NOT NULL, partition integer NOT NULL, pseq bigint NOT NULL, event_id text NOT NULL, key text NOT NULL,
       name text NOT NULL, version integer NOT NULL, body jsonb NOT NULL, created_at timestamptz NOT NULL, moved_at timestamptz NOT NULL,
       PRIMARY KEY (reader, stream, partition, pseq))`,
    `CREATE SEQUENCE ${s}.log_ticket AS bigint CACHE 1 NO CYCLE`,
  ];
}

function functions(s: string): string[] {
  return [
    `CREATE FUNCTION ${s}.log_epoch() RETURNS text LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
       SELECT concat_ws('/', (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8),
         extract(epoch FROM pg_postmaster_start_time()), (SELECT count(*) FROM ${s}.outbox_partition))
     $$`,
    // The oldest event not passed, by number; 60 s earlier because numbers follow commits, and a commit may come after its rows' time.
    `CREATE FUNCTION ${s}.take_ticket(OUT ticket bigint, OUT epoch text, OUT db_time_ms bigint, OUT unpassed_since_ms bigint)
     LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
     BEGIN
       epoch := ${s}.log_epoch();
       IF NOT EXISTS (SELECT FROM ${s}.log_epoch_vouched v WHERE v.epoch = take_ticket.epoch AND v.refused IS DISTINCT FROM v.epoch) THEN
         RAISE EXCEPTION 'no owner has vouched for epoch % of ${s} yet', epoch USING ERRCODE = '${EPOCH_NOT_VOUCHED}';
       END IF;
       ticket := nextval('${s}.log_ticket');
       db_time_ms := lanyard.now_ms();
       SELECT min(u.at) INTO unpassed_since_ms FROM ${s}.outbox_partition p CROSS JOIN LATERAL (
         (SELECT lanyard.ms(o.created_at) - 60000 AS at FROM ${s}.outbox o
          WHERE o.stream = p.stream AND o.partition = p.partition AND o.pseq > p.passed ORDER BY o.pseq LIMIT 1)
         UNION ALL
         SELECT lanyard.ms(min(o.created_at)) FROM ${s}.outbox o WHERE o.stream = p.stream AND o.partition = p.partition AND o.pseq IS NULL
       ) u WHERE p.stream = 'events' AND EXISTS (SELECT FROM ${s}.log_reader);
       unpassed_since_ms := least(coalesce(unpassed_since_ms, db_time_ms), db_time_ms);
     END $$`,
  ];
}
