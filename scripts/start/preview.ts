import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuthConfig, loadConfig } from '#libs/config';
import { SERVICES } from '#libs/contracts';
import { LauncherError } from './launcher-error.js';

/** What the launcher needs to know before anything exists. */
export interface Plan {
  env: NodeJS.ProcessEnv;
  config: AuthConfig;
  configFile: string;
  /** The demonstration's configuration, whose passwords may be shown. */
  demo: boolean;
  dataDir: string;
  postgresPort: number;
  /** An administrator's URL; undefined = an embedded Postgres. */
  adminUrl: string | undefined;
}

const DEMO = join(import.meta.dirname, '../../../examples/demo/lanyard.yaml');
const POSTGRES_PORT_OFFSET = 20;

/** Which of the launcher's own variables the services must not see: each gets its own value. */
const OWN = ['DATABASE_URL', 'LOG_DATABASE_URL', 'LANYARD_SERVICE_KEY', 'LANYARD_SERVICE_KEYS'].flatMap((name) => [name, `${name}_FILE`]);

/** Reads the configuration with stand-ins for the secrets that are not made yet, so that a mistake in it is told first. */
export function preview(given: NodeJS.ProcessEnv): Plan {
  const configFile = given.LANYARD_CONFIG?.trim() || DEMO;
  const env: NodeJS.ProcessEnv = { ...given, LANYARD_CONFIG: configFile };
  for (const name of OWN) delete env[name];
  const config = loadConfig('auth', { ...env, ...standIns(env) });
  return {
    env,
    config,
    configFile,
    demo: configFile === DEMO,
    dataDir: config.dataDir,
    postgresPort: config.portBase + POSTGRES_PORT_OFFSET,
    adminUrl: adminUrl(given),
  };
}

function adminUrl({ DATABASE_URL: url, DATABASE_URL_FILE: file }: NodeJS.ProcessEnv): string | undefined {
  if (!file) return url?.trim() || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new LauncherError(`DATABASE_URL_FILE: ${file} can't be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`);
  }
}

function standIns(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ format: 'jwk' });
  const unlessGiven = (name: string) => (env[name] || env[`${name}_FILE`] ? {} : { [name]: '0'.repeat(64) });
  return {
    DATABASE_URL: 'postgres://stand-in',
    LOG_DATABASE_URL: 'postgres://stand-in',
    ...unlessGiven('LANYARD_PEPPER'),
    ...unlessGiven('LANYARD_SEALING_KEK'),
    LANYARD_SERVICE_KEY: JSON.stringify(privateKey.export({ format: 'jwk' })),
    LANYARD_SERVICE_KEYS: JSON.stringify({ keys: SERVICES.map((kid) => ({ ...key, kid })) }),
  };
}
