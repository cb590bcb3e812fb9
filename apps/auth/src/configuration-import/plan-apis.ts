import type { CatalogueApi } from '#libs/config';
import type { Tx } from '#libs/database';

interface Row {
  kind: 'api' | 'scope';
  id: string;
  says: Record<string, unknown>;
  left_file: boolean;
}

export interface ApiChange {
  kind: 'api' | 'scope';
  id: string;
  change: 'created' | 'changed' | 'returned' | 'left';
  members: { member: string; from: unknown; to: unknown }[];
}

export async function readApis(tx: Tx): Promise<Row[]> {
  const { rows } = await tx.query<Row>(
    `SELECT 'api' AS kind, identifier AS id, jsonb_build_object('name', name, 'access_token_format', access_token_format) AS says, left_file FROM api
     UNION ALL SELECT 'scope', name, jsonb_build_object('api', api, 'description', description), left_file FROM scope ORDER BY 1, 2`,
  );
  return rows;
}

/** What writeApis will do: it writes what differs, this says what that is. */
export function planApis(rows: readonly Row[], apis: readonly CatalogueApi[]): ApiChange[] {
  const known = new Map(rows.map((row) => [`${row.kind} ${row.id}`, row]));
  const wanted = apis.flatMap(({ identifier, name, accessTokenFormat, scopes }): Omit<Row, 'left_file'>[] => [
    { kind: 'api', id: identifier, says: { name, access_token_format: accessTokenFormat } },
    ...scopes.map((scope) => ({ kind: 'scope', id: scope.name, says: { api: identifier, description: scope.description } }) as const),
  ]);
  const named = new Set(wanted.map(({ kind, id }) => `${kind} ${id}`));
  const changes = wanted.flatMap(({ kind, id, says }): ApiChange[] => {
    const row = known.get(`${kind} ${id}`);
    if (!row) return [{ kind, id, change: 'created', members: [] }];
    const members = Object.entries(says)
      .filter(([member, to]) => row.says[member] !== to)
      .map(([member, to]) => ({ member, from: row.says[member], to }));
    if (members.length === 0 && !row.left_file) return [];
    return [{ kind, id, change: row.left_file ? 'returned' : 'changed', members }];
  });
  const left = rows.filter(({ kind, id, left_file: gone }) => !gone && !named.has(`${kind} ${id}`));
  return [...changes, ...left.map(({ kind, id }): ApiChange => ({ kind, id, change: 'left', members: [] }))];
}
