import { type CatalogueUser, usernameKey } from '#libs/config';
import { changedMembers, same } from './canonical.js';

export interface UserRow {
  sub: string;
  username: string;
  username_key: string;
  claims: Record<string, unknown>;
  roles: string[];
  from_file: boolean;
  left_file: boolean;
}

export interface UserUpdate {
  sub: string;
  username: string;
  claims: Record<string, unknown>;
  roles: string[];
  members: string[];
  returned: boolean;
}

export interface UserPlan {
  created: CatalogueUser[];
  updated: UserUpdate[];
  left: string[];
}

/** Users are created once: afterwards claims and roles follow the file, the password never (DESIGN, Configuration import). */
export function planUsers(rows: readonly UserRow[], wanted: readonly CatalogueUser[]): UserPlan {
  const known = new Map(rows.map((row) => [row.username_key, row]));
  const named = new Set(wanted.map((user) => usernameKey(user.username)));
  const plan: UserPlan = { created: [], updated: [], left: [] };
  for (const user of wanted) {
    const row = known.get(usernameKey(user.username));
    if (!row) {
      plan.created.push(user);
      continue;
    }
    const members = changedMembers(row.claims, user.claims);
    if (!same(row.roles, user.roles)) members.push('roles');
    if (row.username !== user.username) members.push('username');
    if (members.length === 0 && !row.left_file && row.from_file) continue;
    const { username, claims, roles } = user;
    plan.updated.push({ sub: row.sub, username, claims, roles, members, returned: row.left_file });
  }
  for (const row of rows) if (row.from_file && !row.left_file && !named.has(row.username_key)) plan.left.push(row.sub);
  return plan;
}
