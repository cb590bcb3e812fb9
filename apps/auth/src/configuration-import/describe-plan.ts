import type { Pepper } from '#libs/database';
import { canonical } from './canonical.js';
import type { ApiChange } from './plan-apis.js';
import type { ClientPlan, ClientRow } from './plan-clients.js';
import type { UserPlan, UserRow } from './plan-users.js';

export interface ImportPlan {
  readonly apis: readonly ApiChange[];
  readonly clients: ClientPlan;
  readonly users: UserPlan;
  /** As they were when it was planned. */
  readonly before: { readonly clients: ReadonlyMap<string, ClientRow>; readonly users: ReadonlyMap<string, UserRow> };
}

export interface ConfigurationChange {
  readonly kind: 'api' | 'scope' | 'client' | 'user';
  /** `client_id`, username, identifier, name of a scope. */
  readonly id: string;
  /** adopted: the admin API made it, and from now on the file decides about it. */
  readonly change: 'created' | 'changed' | 'adopted' | 'returned' | 'left';
  /** Of a secret and of what a user's claims say only that they changed. */
  readonly members: readonly { readonly member: string; readonly from?: unknown; readonly to?: unknown }[];
}

export function describePlan({ apis, clients, users, before }: ImportPlan): ConfigurationChange[] {
  return [
    ...apis,
    ...clients.created.map(({ client_id: id }) => ({ kind: 'client', id, change: 'created', members: [] }) as const),
    ...clients.updated.map(({ client_id: id, metadata, members, returned }): ConfigurationChange => {
      const row = before.clients.get(id);
      const told = members.map((member) =>
        member === 'client_secret' ? { member } : { member, from: row?.metadata[member] ?? null, to: metadata[member] ?? null },
      );
      return { kind: 'client', id, change: changeOf(row, returned), members: told };
    }),
    ...clients.left.map((id) => ({ kind: 'client', id, change: 'left', members: [] }) as const),
    ...users.created.map(({ username: id }) => ({ kind: 'user', id, change: 'created', members: [] }) as const),
    ...users.updated.map(({ sub, username: id, roles, members, returned }): ConfigurationChange => {
      const row = before.users.get(sub);
      const told = members.map((member) => (member === 'roles' ? { member, from: row?.roles ?? null, to: roles } : { member }));
      return { kind: 'user', id, change: changeOf(row, returned), members: told };
    }),
    ...users.left.map((sub) => ({ kind: 'user', id: before.users.get(sub)?.username ?? sub, change: 'left', members: [] }) as const),
  ];
}

function changeOf(row: { from_file: boolean } | undefined, returned: boolean): 'returned' | 'changed' | 'adopted' {
  if (returned) return 'returned';
  return row?.from_file ? 'changed' : 'adopted';
}

/**
 * Of a text, what it would change, and what that is now. Keyed, because the text has passwords and this travels through terminals and logs. Whoever
 * shows it again gets exactly what was shown, or a refusal.
 */
export function fingerprintOf(pepper: Pepper, text: string, plan: ImportPlan): string {
  const { clients, users, before } = plan;
  const rows = [
    ...[...clients.updated.map(({ client_id: id }) => id), ...clients.left].map((id) => before.clients.get(id)),
    ...[...users.updated.map(({ sub }) => sub), ...users.left].map((sub) => before.users.get(sub)),
  ];
  return pepper.mac('import_plan', canonical([text, describePlan(plan), rows]));
}
