import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ROLES } from '#libs/database';
import { makeSecrets } from '../start/secrets.js';

const USAGE = 'Usage: secrets <folder> [host:port/database of Postgres, default postgres:5432/lanyard]';

/**
 * A folder with every secret of a cluster, one file each, as docker-compose.yml and the Kubernetes Secrets name them: those that `npm start` makes, and the
 * database URLs made of them. It never touches a folder that is there: what was stored under its keys could not be read with others.
 * Answers with the exit code.
 */
export function writeSecrets([folder, database = 'postgres:5432/lanyard']: readonly string[]): number {
  if (!folder || !URL.canParse(`postgres://${database}`)) return refuse(USAGE);
  const path = resolve(folder);
  if (existsSync(path)) return refuse(`${path} is there already; nothing was changed.`);
  mkdirSync(dirname(path), { recursive: true });
  makeSecrets(path);
  const password = (name: string) => readFileSync(join(path, `${name}-password`), 'utf8').trim();
  const write = (name: string, user: string, secret: string) =>
    writeFileSync(join(path, `database-url-${name}`), `postgres://${user}:${encodeURIComponent(secret)}@${database}\n`);
  write('admin', 'postgres', password('database-admin'));
  for (const role of ROLES) write(role.replace('lanyard_', ''), role, password(role));
  // Nobody else enters the folder; a container's own user must be able to read the one file that is mounted into it.
  for (const name of readdirSync(path)) chmodSync(join(path, name), 0o444);
  chmodSync(path, 0o700);
  console.log(`${path} has ${readdirSync(path).length} secrets. Back them up apart from the database: without them it can't be read.`);
  return 0;
}

function refuse(sentence: string): number {
  console.error(sentence);
  return 1;
}
