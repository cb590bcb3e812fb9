import type { Database } from '#libs/database';

/**
 * The tables of the Postgres driver. UNLOGGED: no WAL and no fsync for state that may be lost; a crash of Postgres empties
 * them, which `born` makes visible. They belong to the group role `lanyard_ephemeral`, of which every service is a member.
 */
export function ephemeralSchemaSql(): string[] {
  return [
    `CREATE UNLOGGED TABLE IF NOT EXISTS ephemeral.counter (
       namespace text NOT NULL, key text NOT NULL, hits integer NOT NULL,
       started_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, PRIMARY KEY (namespace, key))`,
    'CREATE INDEX IF NOT EXISTS counter_ends_at ON ephemeral.counter (ends_at)',
    `CREATE UNLOGGED TABLE IF NOT EXISTS ephemeral.mark (
       namespace text NOT NULL, key text NOT NULL, expires_at timestamptz NOT NULL, PRIMARY KEY (namespace, key))`,
    'CREATE INDEX IF NOT EXISTS mark_expires_at ON ephemeral.mark (expires_at)',
    `CREATE UNLOGGED TABLE IF NOT EXISTS ephemeral.object (
       namespace text NOT NULL, key text NOT NULL, version bigint NOT NULL, value jsonb NOT NULL,
       expires_at timestamptz NOT NULL, PRIMARY KEY (namespace, key))`,
    'CREATE INDEX IF NOT EXISTS object_expires_at ON ephemeral.object (expires_at)',
    `CREATE UNLOGGED TABLE IF NOT EXISTS ephemeral.born (
       singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton), at timestamptz NOT NULL)`,
  ];
}

/** Run by every service at its start; the lock makes IF NOT EXISTS safe when four start together (it is not, by itself). */
export async function prepareEphemeralSchema(database: Pick<Database, 'transaction'>): Promise<void> {
  await database.transaction(async (tx) => {
    await tx.query("SELECT pg_advisory_xact_lock(hashtextextended('lanyard migrations of ephemeral', 0))");
    await tx.query('SET LOCAL ROLE lanyard_ephemeral');
    for (const statement of ephemeralSchemaSql()) await tx.query(statement);
  });
}
