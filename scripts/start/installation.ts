import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { isUnavailable, provision, type Role, sqlState } from '#libs/database';
import { canServe, type PostgresServer, startPostgres } from '#libs/embedded-postgres';
import type { DataDirectory } from './data-directory.js';
import { LauncherError } from './launcher-error.js';
import type { Plan } from './preview.js';
import type { Secrets } from './secrets.js';

export interface Installation {
  /** Where the data lies, for the screen. */
  readonly place: string;
  url(role: Role): string;
  onLost(tell: (message: string) => void): void;
  stop(): Promise<void>;
}

const DATABASE = 'lanyard';

/** A provisioned database: the embedded one, or the administrator's of DATABASE_URL. */
export async function openInstallation(plan: Plan, directory: DataDirectory, secrets: Secrets): Promise<Installation> {
  if (plan.adminUrl) return external(plan.adminUrl, secrets);
  const home = postgresHome(directory);
  const server = await startPostgres({ home, port: plan.postgresPort, password: secrets.adminPassword, durable: true });
  try {
    await provision({ adminUrl: server.adminUrl, database: DATABASE, passwords: secrets.passwords });
  } catch (error) {
    await server.stop();
    throw error;
  }
  return embedded(server, home, secrets);
}

function embedded(server: PostgresServer, home: string, secrets: Secrets): Installation {
  let stopping = false;
  return {
    place: home,
    url: (role) => roleUrl(server.adminUrl, DATABASE, role, secrets),
    onLost: (tell) => {
      void server.exited.then(() => {
        if (!stopping) tell(`The embedded Postgres has stopped; its log is ${home}/server.log.`);
      });
    },
    stop: async () => {
      stopping = true;
      await server.stop();
    },
  };
}

/**
 * As root the server runs as a user of its own, which can't enter a closed home (/root). Then its files live in the place that
 * the system has for such data, under a name noted beside the secrets that belong to it.
 */
export function postgresHome(directory: DataDirectory): string {
  const note = directory.file('postgres-location');
  if (existsSync(note)) return readFileSync(note, 'utf8').trim();
  if (canServe(directory.path)) return directory.file('postgres');
  const home = `/var/lib/lanyard/${randomBytes(6).toString('hex')}`;
  mkdirSync(home, { recursive: true });
  writeFileSync(note, `${home}\n`);
  return home;
}

/** The database that the URL names; `lanyard` where it names none or the administrator's own. */
async function external(given: string, secrets: Secrets): Promise<Installation> {
  if (!/^postgres(ql)?:\/\//.test(given) || !URL.canParse(given)) throw new LauncherError('DATABASE_URL is not a postgres:// URL.');
  const named = decodeURIComponent(new URL(given).pathname.slice(1));
  const database = named === '' || named === 'postgres' ? DATABASE : named;
  try {
    await provision({ adminUrl: given, database, passwords: secrets.passwords }).catch(async (error: unknown) => {
      // The database that is named need not be there yet; then another one is needed to make it from.
      if (sqlState(error) !== '3D000') throw error;
      await provision({ adminUrl: withDatabase(given, 'postgres'), database, passwords: secrets.passwords });
    });
  } catch (error) {
    const what = isUnavailable(error) ? 'can’t be reached' : 'can’t be provisioned';
    throw new LauncherError(`The Postgres of DATABASE_URL ${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const { host } = new URL(given);
  return {
    place: `${host}/${database} (DATABASE_URL)`,
    url: (role) => roleUrl(given, database, role, secrets),
    onLost: () => undefined,
    stop: async () => undefined,
  };
}

function roleUrl(adminUrl: string, database: string, role: Role, secrets: Secrets): string {
  const url = new URL(withDatabase(adminUrl, database));
  url.username = role;
  url.password = secrets.passwords[role];
  return url.href;
}

function withDatabase(adminUrl: string, database: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${encodeURIComponent(database)}`;
  return url.href;
}
