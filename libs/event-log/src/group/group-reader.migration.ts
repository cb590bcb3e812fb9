/** What a consumer's schema needs: how far it is, what it has handled, and what it gave up on. */
export function groupReaderMigration(schema: string): { up: string[]; down: string[] } {
  return {
    up: [
      `CREATE TABLE ${schema}.log_position (
         source text NOT NULL, stream text NOT NULL, partition integer NOT NULL, position bigint NOT NULL DEFAULT 0,
         holder text, lease_until timestamptz, PRIMARY KEY (source, stream, partition))`,
      `CREATE TABLE ${schema}.handled_event (reader text NOT NULL, event_id text NOT NULL, handled_at timestamptz NOT NULL,
         PRIMARY KEY (reader, event_id))`,
      `CREATE INDEX handled_event_time ON ${schema}.handled_event (handled_at)`,
      `CREATE TABLE ${schema}.dead_letter (
         id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL, stream text NOT NULL, partition integer NOT NULL,
         pseq bigint NOT NULL, event_id text, key text, name text, version integer, body jsonb, recorded_at timestamptz,
         reason text NOT NULL, error text, tries integer NOT NULL, at timestamptz NOT NULL, replayed_at timestamptz,
         UNIQUE (source, stream, partition, pseq))`,
    ],
    down: [`DROP TABLE ${schema}.dead_letter, ${schema}.handled_event, ${schema}.log_position`],
  };
}
