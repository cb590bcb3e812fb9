import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SERVICES, type ServiceName } from '#libs/contracts';
import { ROLES, type Role } from '#libs/database';
import type { DataDirectory } from './data-directory.js';
import { LauncherError } from './launcher-error.js';

/** Paths for what the services read themselves (`…_FILE`), values for what the launcher needs. */
export interface Secrets {
  folder: string;
  made: boolean;
  kek: string;
  sealingKek: string;
  pepper: string;
  serviceKeys: string;
  serviceKey(service: ServiceName): string;
  adminPassword: string;
  passwords: Record<Role, string>;
}

/** Made once, all together, mode 0600. A missing one is never made again: what it protects could not be read with another. */
export function loadSecrets(directory: DataDirectory): Secrets {
  const folder = directory.file('secrets');
  const made = !existsSync(folder);
  if (made) {
    if (existsSync(directory.file('postgres')) || existsSync(directory.file('postgres-location'))) throw missing(folder);
    makeSecrets(folder);
  }
  chmodSync(folder, 0o700);
  const path = (name: string) => {
    const file = join(folder, name);
    if (!existsSync(file)) throw missing(file);
    return file;
  };
  const value = (name: string) => readFileSync(path(name), 'utf8').trim();
  return {
    folder,
    made,
    kek: path('kek'),
    sealingKek: path('sealing-kek'),
    pepper: path('pepper'),
    serviceKeys: path('service-keys.json'),
    serviceKey: (service) => path(`service-key-${service}.json`),
    adminPassword: value('database-admin-password'),
    passwords: Object.fromEntries(ROLES.map((role) => [role, value(`${role}-password`)])) as Record<Role, string>,
  };
}

/** All of them, into a folder that is not there yet. */
export function makeSecrets(folder: string): void {
  const unfinished = `${folder}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  const write = (name: string, content: string) => writeFileSync(join(unfinished, name), `${content}\n`, { mode: 0o600 });
  const random = () => randomBytes(32).toString('base64url');
  for (const name of ['kek', 'sealing-kek', 'pepper', 'database-admin-password', ...ROLES.map((role) => `${role}-password`)])
    write(name, random());
  const keys = SERVICES.map((kid) => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    write(`service-key-${kid}.json`, JSON.stringify({ ...privateKey.export({ format: 'jwk' }), kid }));
    return { ...publicKey.export({ format: 'jwk' }), kid };
  });
  write('service-keys.json', JSON.stringify({ keys }));
  renameSync(unfinished, folder);
}

function missing(path: string): LauncherError {
  return new LauncherError(
    `${path} is missing, and the data beside it can't be used without: put it back from your backup, or start afresh with another LANYARD_DATA_DIR.`,
  );
}
