import { changedMembers, same } from './canonical.js';

export interface ClientInFile {
  client_id: string;
  secrets: { hash: string; weak: boolean }[];
  metadata: Record<string, unknown>;
}

export interface ClientRow extends ClientInFile {
  from_file: boolean;
  left_file: boolean;
}

export interface ClientPlan {
  created: ClientInFile[];
  /** `returned`: it had left the file and is switched on again, under a new generation. */
  updated: (ClientInFile & { members: string[]; returned: boolean })[];
  /** Left the file: disabled, never deleted. */
  left: string[];
}

/** What must be written so that the table says what the file says. Clients that did not come from a file are left alone. */
export function planClients(rows: readonly ClientRow[], wanted: readonly ClientInFile[]): ClientPlan {
  const known = new Map(rows.map((row) => [row.client_id, row]));
  const named = new Set(wanted.map((client) => client.client_id));
  const plan: ClientPlan = { created: [], updated: [], left: [] };
  for (const client of wanted) {
    const row = known.get(client.client_id);
    if (!row) {
      plan.created.push(client);
      continue;
    }
    const members = changedMembers(row.metadata, client.metadata);
    if (!same(row.secrets, client.secrets)) members.push('client_secret');
    if (members.length > 0 || row.left_file || !row.from_file) plan.updated.push({ ...client, members, returned: row.left_file });
  }
  for (const row of rows) if (row.from_file && !row.left_file && !named.has(row.client_id)) plan.left.push(row.client_id);
  return plan;
}
