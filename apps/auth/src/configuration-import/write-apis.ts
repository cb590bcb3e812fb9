import type { CatalogueApi } from '#libs/config';
import type { Tx } from '#libs/database';

/** Writes only what differs; answers the names of the scopes that changed in any way, whose clients' records are now others. */
export async function writeApis(tx: Tx, apis: readonly CatalogueApi[]): Promise<string[]> {
  const touched = await upsertApis(tx, apis);
  const scopes = await upsertScopes(tx, apis);
  if (touched.length === 0) return scopes;
  const { rows } = await tx.query<{ name: string }>('SELECT name FROM scope WHERE api = ANY ($1)', [touched]);
  return [...new Set([...scopes, ...rows.map(({ name }) => name)])];
}

/** Adds to what is there; nothing leaves. */
export async function addApis(tx: Tx, apis: readonly CatalogueApi[]): Promise<void> {
  await insertApis(tx, apis);
  await insertScopes(tx, apis);
}

async function upsertApis(tx: Tx, apis: readonly CatalogueApi[]): Promise<string[]> {
  const written = await insertApis(tx, apis);
  const left = await tx.query<{ identifier: string }>(
    'UPDATE api SET left_file = true WHERE NOT left_file AND NOT identifier = ANY ($1) RETURNING identifier',
    [apis.map(({ identifier }) => identifier)],
  );
  return [...written, ...left.rows.map(({ identifier }) => identifier)];
}

async function insertApis(tx: Tx, apis: readonly CatalogueApi[]): Promise<string[]> {
  const wanted = apis.map(({ identifier, name, accessTokenFormat }) => ({ identifier, name, access_token_format: accessTokenFormat }));
  const written = await tx.query<{ identifier: string }>(
    `INSERT INTO api AS a (identifier, name, access_token_format, left_file)
     SELECT w.identifier, w.name, w.access_token_format, false
     FROM jsonb_to_recordset($1::jsonb) AS w (identifier text, name text, access_token_format text)
     ON CONFLICT (identifier) DO UPDATE SET name = excluded.name, access_token_format = excluded.access_token_format, left_file = false
     WHERE (a.name, a.access_token_format, a.left_file) IS DISTINCT FROM (excluded.name, excluded.access_token_format, false)
     RETURNING a.identifier`,
    [JSON.stringify(wanted)],
  );
  return written.rows.map(({ identifier }) => identifier);
}

async function upsertScopes(tx: Tx, apis: readonly CatalogueApi[]): Promise<string[]> {
  const written = await insertScopes(tx, apis);
  const left = await tx.query<{ name: string }>(
    'UPDATE scope SET left_file = true WHERE NOT left_file AND NOT name = ANY ($1) RETURNING name',
    [apis.flatMap(({ scopes }) => scopes.map(({ name }) => name))],
  );
  return [...written, ...left.rows.map(({ name }) => name)];
}

async function insertScopes(tx: Tx, apis: readonly CatalogueApi[]): Promise<string[]> {
  const wanted = apis.flatMap(({ identifier, scopes }) => scopes.map(({ name, description }) => ({ name, api: identifier, description })));
  const written = await tx.query<{ name: string }>(
    `INSERT INTO scope AS s (name, api, description, left_file)
     SELECT w.name, w.api, w.description, false FROM jsonb_to_recordset($1::jsonb) AS w (name text, api text, description text)
     ON CONFLICT (name) DO UPDATE SET api = excluded.api, description = excluded.description, left_file = false
     WHERE (s.api, s.description, s.left_file) IS DISTINCT FROM (excluded.api, excluded.description, false)
     RETURNING s.name`,
    [JSON.stringify(wanted)],
  );
  return written.rows.map(({ name }) => name);
}
