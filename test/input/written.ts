import type { TestDatabase } from '#libs/testing';

/** Rows that change by themselves while nobody asks for anything: leases, positions, numbering. */
const HOUSEKEEPING = /^(migrations|view|log_\w+|outbox_partition|subject_generation\w*)$/;

/** A digest of every row of the four services. Counters of failures may move; nothing else may. */
export async function everythingWritten(database: TestDatabase): Promise<Record<string, string>> {
  const tables = await database.query<{ table_schema: string; table_name: string }>(
    "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN ('auth', 'session', 'token', 'ephemeral') ORDER BY 1, 2",
  );
  const digests: Record<string, string> = {};
  for (const { table_schema: schema, table_name: name } of tables) {
    if (HOUSEKEEPING.test(name) || (schema === 'ephemeral' && name !== 'object')) continue;
    const [row] = await database.query<{ digest: string }>(
      `SELECT count(*) || ' ' || coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') AS digest FROM ${schema}.${name} t`,
    );
    digests[`${schema}.${name}`] = row?.digest ?? '';
  }
  return digests;
}
