import pg from 'pg';
import { DataSource, type DataSourceOptions, type MigrationInterface } from 'typeorm';
import { Database } from './database.js';
import { isUnavailable } from './sql-state.js';

// Counters, milliseconds and generations fit a double exactly; a string would be compared as one.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

/** Named `Something1700000000000`: TypeORM orders by the time stamp at the end of the class's name. */
export type MigrationClass = new () => MigrationInterface;

export interface OpenOptions {
  url: string;
  /** The schema that this role owns; becomes the search path, so entities and SQL name no schema. */
  schema: string;
  poolSize?: number;
  entities: NonNullable<DataSourceOptions['entities']>;
  migrations: readonly MigrationClass[];
  applicationName: string;
  /** How long to wait for a database that can’t be reached yet; a service says so meanwhile and opens it again (run-service.ts). */
  waitMs?: number;
  statementTimeoutMs?: number;
}

/** Waits for the database, brings the schema up to date, and answers with the pool. */
export async function openDatabase(options: OpenOptions): Promise<Database> {
  await untilReachable(options, () => greet(options.url));
  // Again as a whole: what was migrated is recorded, and a connection that comes too late on a busy machine must not end the process.
  if (options.migrations.length > 0) await untilReachable(options, () => migrate(options));
  return new Database(await untilReachable(options, () => new DataSource(dataSourceOptions(options)).initialize()));
}

async function untilReachable<T>(options: OpenOptions, reach: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + (options.waitMs ?? 2_000);
  for (let delay = 50; ; delay = Math.min(delay * 2, 1_000)) {
    try {
      return await reach();
    } catch (error) {
      if (!isUnavailable(error) || performance.now() + delay > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, delay));
    }
  }
}

async function greet(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Instances that start together race here; without the lock two would run the same migration. The lock belongs to a connection of
 * its own, so it goes with the process that holds it. No statement timeout: a migration may take what it takes.
 */
async function migrate(options: OpenOptions): Promise<void> {
  const lock = new pg.Client({ connectionString: options.url, application_name: `${options.applicationName} migrations` });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [`lanyard migrations of ${options.schema}`]);
    const dataSource = await new DataSource({
      ...dataSourceOptions({ ...options, entities: [], statementTimeoutMs: 0, poolSize: 2 }),
      migrations: [...options.migrations],
    }).initialize();
    try {
      await dataSource.runMigrations({ transaction: 'each' });
    } finally {
      await dataSource.destroy();
    }
  } finally {
    await lock.end().catch(() => undefined);
  }
}

function dataSourceOptions(options: OpenOptions) {
  const statementTimeout = options.statementTimeoutMs ?? 5_000;
  return {
    type: 'postgres',
    url: options.url,
    schema: options.schema,
    entities: options.entities,
    poolSize: options.poolSize ?? 10,
    applicationName: options.applicationName,
    // Also the wait for a free one of the pool: who asks gets a 503 while still there, as internal calls do after their two seconds.
    connectTimeoutMS: 2_000,
    installExtensions: false,
    parseInt8: true,
    synchronize: false,
    logging: false,
    migrationsTableName: 'migrations',
    // A broken idle connection is replaced at the next use; the query that needed it reports what is wrong.
    poolErrorHandler: () => undefined,
    extra: {
      options: `-c search_path=${options.schema}`,
      statement_timeout: statementTimeout,
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
      // The server enforces statement_timeout; this one is for a server or a network that has gone silent.
      ...(statementTimeout > 0 ? { query_timeout: statementTimeout + 1_000 } : {}),
    },
  } satisfies DataSourceOptions;
}
