import type { Database } from '#libs/database';

/** What TypeORM would still change to make the tables match the entities; empty when migrations and entities agree. */
export async function schemaDrift(database: Database): Promise<string[]> {
  const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log();
  return upQueries.map(({ query }) => query);
}
