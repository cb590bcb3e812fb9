import { z } from 'zod';
import { type AdminInputOf, cursorOf, cursorTime, type Page, pageOf } from '#libs/admin-api';
import { identifier } from '#libs/contracts';
import type { Sql } from '#libs/database';
import type { KeyView, listKeys } from './key-routes.js';

const cursor = cursorOf('keys', z.tuple([cursorTime, identifier]));

/** Some hundred rows a year: sorted, not indexed. */
export async function pageOfKeys(
  sql: Sql,
  { line, state, limit, cursor: from }: AdminInputOf<typeof listKeys>['query'],
): Promise<Page<KeyView>> {
  const [at, kid] = cursor.decode(from) ?? [null, null];
  const { rows } = await sql.query<KeyView>(
    `SELECT * FROM (
       SELECT k.kid, k.line, l.purpose, l.alg, k.state, lanyard.ms(k.created_at) AS created_at, lanyard.ms(k.activates_at) AS activates_at,
         lanyard.ms(k.replaced_at) AS replaced_at, lanyard.ms(k.remove_after) AS remove_after, lanyard.ms(k.retired_at) AS retired_at,
         lanyard.ms(k.revoked_at) AS revoked_at
       FROM keys k JOIN key_lines l USING (line)
       WHERE ($1::text IS NULL OR k.line = $1) AND ($2::text IS NULL OR k.state = $2)) k
     WHERE $3::bigint IS NULL OR (created_at, kid) < ($3, $4::text) ORDER BY created_at DESC, kid DESC LIMIT $5`,
    [line ?? null, state ?? null, at, kid, limit + 1],
  );
  return pageOf(rows, limit, { item: (row) => row, cursor: (row) => cursor.encode([row.created_at, row.kid]) });
}
