import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '#libs/config';
import { SOURCES, type SourceName } from '#libs/contracts';
import { type Database, openDatabase } from '#libs/database';
import { claimDataDirectory } from '../../start/data-directory.js';
import { openInstallation } from '../../start/installation.js';
import { LauncherError } from '../../start/launcher-error.js';
import { preview } from '../../start/preview.js';
import { loadSecrets } from '../../start/secrets.js';
import { CliError, EXIT } from '../exit-codes.js';

export interface Owners {
  readonly databases: Readonly<Record<SourceName, Database>>;
  /** Where the witness files are. */
  readonly dataDir: string;
  /** The folder of secrets that `npm start` made; null: the databases are named, and so are the secrets. */
  readonly secrets: string | null;
  close(): Promise<void>;
}

interface Place {
  readonly dataDir: string;
  readonly secrets: string | null;
  url(source: SourceName): string;
  leave(): Promise<void>;
}

const APPLICATION = 'lanyard restore';
const WAIT_MS = 10_000;

export async function openOwners(env: NodeJS.ProcessEnv): Promise<Owners> {
  const place = SOURCES.some((source) => env[variable(source)]) ? named(env) : await started(env);
  const open: [SourceName, Database][] = [];
  const close = async () => {
    await Promise.all(open.map(([, database]) => database.close()));
    await place.leave();
  };
  try {
    for (const source of SOURCES) {
      const database = await connect(source, place.url(source));
      open.push([source, database]);
      await refuseWhileServing(source, database);
    }
    return { databases: Object.fromEntries(open) as Record<SourceName, Database>, dataDir: place.dataDir, secrets: place.secrets, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const variable = (source: SourceName) => `${source.toUpperCase()}_DATABASE_URL`;

/** Databases that the environment names, one role each. */
function named(env: NodeJS.ProcessEnv): Place {
  const missing = [...SOURCES.map(variable), 'LANYARD_DATA_DIR'].filter((name) => !env[name]);
  if (missing.length > 0) throw new CliError(EXIT.usage, `Set ${missing.join(', ')} as well.`);
  return { dataDir: env.LANYARD_DATA_DIR ?? '', secrets: null, url: (source) => env[variable(source)] ?? '', leave: async () => undefined };
}

/** What `npm start` runs on: its directory is claimed, so that no launcher runs beside this, and its Postgres started. */
async function started(env: NodeJS.ProcessEnv): Promise<Place> {
  try {
    const plan = preview(env);
    // A directory that is mistyped must not become a new installation.
    if (!existsSync(join(plan.dataDir, 'secrets'))) throw new CliError(EXIT.usage, `${plan.dataDir} is no data directory of Lanyard.`);
    const directory = claimDataDirectory(plan.dataDir);
    try {
      const secrets = loadSecrets(directory);
      const installation = await openInstallation(plan, directory, secrets);
      return {
        dataDir: directory.path,
        secrets: secrets.folder,
        url: (source) => installation.url(`lanyard_${source}`),
        leave: async () => {
          await installation.stop();
          directory.release();
        },
      };
    } catch (error) {
      directory.release();
      throw error;
    }
  } catch (error) {
    if (error instanceof LauncherError || error instanceof ConfigError) throw new CliError(EXIT.refused, error.message);
    throw error;
  }
}

async function connect(source: SourceName, url: string): Promise<Database> {
  try {
    return await openDatabase({
      url,
      schema: source,
      entities: [],
      migrations: [],
      poolSize: 1,
      applicationName: APPLICATION,
      waitMs: WAIT_MS,
      statementTimeoutMs: 0,
    });
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.unavailable, `The ${source} database can't be reached: ${said}.`);
  }
}

async function refuseWhileServing(source: SourceName, database: Database): Promise<void> {
  const { rows } = await database.query<{ others: number }>(
    `SELECT count(*) AS others FROM pg_stat_activity
     WHERE usename = current_user AND datname = current_database() AND application_name <> $1`,
    [APPLICATION],
  );
  const others = Number(rows[0]?.others);
  if (others > 0)
    throw new CliError(EXIT.refused, `The ${source} service is still connected to its database (${others}): stop Lanyard first.`);
}
