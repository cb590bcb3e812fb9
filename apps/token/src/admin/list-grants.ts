import { z } from 'zod';
import { type AdminInputOf, cursorOf, type Page, pageOf } from '#libs/admin-api';
import { identifier } from '#libs/contracts';
import type { Sql } from '#libs/database';
import { CLOCK } from '../grants/grant.store.js';
import type { GrantView, listGrants } from './grant-routes.js';

export type GrantFilter = AdminInputOf<typeof listGrants>['query'];

const cursor = cursorOf('grants', z.tuple([identifier]));

const COLUMNS = `g.gid, g.sub, g.client_id, g.sid, g.access_mode, g.scope, g.resources, g.consent_id, g.refresh_seq IS NOT NULL AS refresh_token,
  lanyard.ms(g.auth_time) AS auth_time, g.amr, g.acr, lanyard.ms(g.created_at) AS created_at, lanyard.ms(g.last_used_at) AS last_used_at,
  lanyard.ms(g.expires_at) AS expires_at, lanyard.ms(g.revoked_at) AS revoked_at, g.revoke_reason`;

export async function viewGrant(sql: Sql, gid: string): Promise<GrantView | null> {
  const { rows } = await sql.query<GrantView>(`SELECT ${COLUMNS} FROM grants g WHERE g.gid = $1`, [gid]);
  return rows[0] ?? null;
}

export async function pageOfGrants(sql: Sql, filter: GrantFilter): Promise<Page<GrantView>> {
  const { text, params } = grantsQuery(filter);
  const { rows } = await sql.query<GrantView>(text, params);
  return pageOf(rows, filter.limit, { item: (row) => row, cursor: ({ gid }) => cursor.encode([gid]) });
}

/**
 * By gid: the cheapest order to keep on rows that every refresh rewrites. One person's grants and one session's are few: they are taken by their own
 * index and sorted, and a planner that hopes to meet them along the primary key is not asked. Everything else is walked along an index in order.
 */
export function grantsQuery(filter: GrantFilter): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const few = [
    ...(filter.sub === undefined ? [] : [`sub = ${bind(filter.sub)}`]),
    ...(filter.sid === undefined ? [] : [`sid = ${bind(filter.sid)}`]),
  ];
  const from = few.length > 0 ? `(SELECT * FROM grants WHERE ${few.join(' AND ')} OFFSET 0) g` : 'grants g';
  const after = cursor.decode(filter.cursor)?.[0];
  const all = [
    ...(filter.client_id === undefined ? [] : [`g.client_id = ${bind(filter.client_id)}`]),
    // Written out: only a constant lets the partial index be used.
    ...(filter.access_mode === undefined ? [] : [`g.access_mode = '${filter.access_mode}'`]),
    ...(after === undefined ? [] : [`g.gid > ${bind(after)}`]),
    STATES[filter.state],
  ];
  const text = `SELECT ${COLUMNS} FROM ${from}, ${CLOCK} WHERE ${all.join(' AND ')} ORDER BY g.gid LIMIT ${bind(filter.limit + 1)}`;
  return { text, params };
}

const STATES: Record<GrantFilter['state'], string> = {
  live: 'g.revoked_at IS NULL AND g.expires_at > c.now',
  revoked: 'g.revoked_at IS NOT NULL',
  any: 'true',
};
