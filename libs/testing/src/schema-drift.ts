import type { DataSource, QueryRunner } from 'typeorm';
import type { Database } from '#libs/database';

/** What TypeORM would still change to make the tables match the entities; empty when migrations and entities agree. */
export async function schemaDrift(database: Database): Promise<string[]> {
  const { upQueries } = await oneAtATime(database.dataSource, () => database.dataSource.driver.createSchemaBuilder().log());
  return upQueries.map(({ query }) => query);
}

/**
 * The schema builder reads tables side by side over its one connection. pg would queue them, which it warns of and gives up in its next
 * version; here each waits for the one before it.
 */
async function oneAtATime<T>(dataSource: DataSource, work: () => Promise<T>): Promise<T> {
  const create = dataSource.createQueryRunner;
  dataSource.createQueryRunner = (mode) => {
    const runner: QueryRunner = create.call(dataSource, mode);
    const query = runner.query.bind(runner) as (...args: unknown[]) => Promise<unknown>;
    let before: Promise<unknown> = Promise.resolve();
    runner.query = ((...args: unknown[]) => {
      const answer = before.then(() => query(...args));
      before = answer.catch(() => undefined);
      return answer;
    }) as QueryRunner['query'];
    return runner;
  };
  try {
    return await work();
  } finally {
    dataSource.createQueryRunner = create;
  }
}
