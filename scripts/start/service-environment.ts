import type { ServiceName } from '#libs/contracts';
import type { Role } from '#libs/database';
import type { Secrets } from './secrets.js';

/** Secrets that the environment may hold for another service, and that this one must not have (SECURITY.md, Keys at rest). */
const FOREIGN: Readonly<Record<ServiceName, readonly string[]>> = {
  auth: ['LANYARD_KEK'],
  session: ['LANYARD_KEK', 'LANYARD_SEALING_KEK'],
  token: [],
  introspect: ['LANYARD_KEK'],
};

interface Given {
  readonly env: NodeJS.ProcessEnv;
  readonly dataDir: string;
  readonly secrets: Secrets;
  url(role: Role): string;
}

/** Each service gets the secrets that are its own, and its own role's URL. What the environment sets already stays. */
export function serviceEnvironment(name: ServiceName, { env: given, dataDir, secrets, url }: Given): NodeJS.ProcessEnv {
  const env = { ...given };
  for (const secret of FOREIGN[name]) {
    delete env[secret];
    delete env[`${secret}_FILE`];
  }
  const file = (variable: string, path: string) => (env[variable] || env[`${variable}_FILE`] ? {} : { [`${variable}_FILE`]: path });
  return {
    NODE_ENV: 'production',
    ...env,
    LANYARD_DATA_DIR: dataDir,
    DATABASE_URL: url(`lanyard_${name}`),
    LOG_DATABASE_URL: url('lanyard_log'),
    LANYARD_SERVICE_KEY_FILE: secrets.serviceKey(name),
    LANYARD_SERVICE_KEYS_FILE: secrets.serviceKeys,
    ...file('LANYARD_PEPPER', secrets.pepper),
    ...(name === 'token' ? file('LANYARD_KEK', secrets.kek) : {}),
    ...(name === 'session' ? {} : file('LANYARD_SEALING_KEK', secrets.sealingKek)),
  };
}
