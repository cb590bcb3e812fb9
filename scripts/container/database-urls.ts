import { readFileSync } from 'node:fs';
import { ROLES, type Role } from '#libs/database';

export type RoleUrls = Readonly<Record<Role, string>>;

/** Of an administrator who may make roles; without it they must be there. */
export const ADMIN_URL = 'DATABASE_URL';
/** The names that `lanyard restore` knows, and the two roles that own nothing. Each also as `NAME_FILE`. */
export const ROLE_URL: Readonly<Record<Role, string>> = {
  lanyard_auth: 'AUTH_DATABASE_URL',
  lanyard_session: 'SESSION_DATABASE_URL',
  lanyard_token: 'TOKEN_DATABASE_URL',
  lanyard_introspect: 'INTROSPECT_DATABASE_URL',
  lanyard_log: 'LOG_DATABASE_URL',
};

export function readDatabaseUrls(env: NodeJS.ProcessEnv): { admin: string | null; roles: RoleUrls } {
  const missing = ROLES.filter((role) => secretOf(env, ROLE_URL[role]) === null).map((role) => ROLE_URL[role]);
  if (missing.length > 0) throw new Error(`not set, nor as …_FILE: ${missing.join(', ')}`);
  const roles = Object.fromEntries(ROLES.map((role) => [role, secretOf(env, ROLE_URL[role]) ?? '']));
  return { admin: secretOf(env, ADMIN_URL), roles: roles as Record<Role, string> };
}

function secretOf(env: NodeJS.ProcessEnv, name: string): string | null {
  const [value, file] = [env[name]?.trim(), env[`${name}_FILE`]?.trim()];
  return value || (file ? readFileSync(file, 'utf8').trim() : '') || null;
}
