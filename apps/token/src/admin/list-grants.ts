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
 * index and sorted, and a planner that hopes to meet them along the primary key is not asked. (A person with thousands costs 10 µs for each.)
 * Everything else is walked along indexes in order, one for each mode and whether it is revoked, so that no walk meets what it must leave out:
 * a client with a million revoked grants and no live one is asked as fast as any other.
 */
export function grantsQuery(filter: GrantFilter): { text: string; params: unknown[] } {
  const params: unknown[] = [];
  const bind = (value: unknown) => `$${params.push(value)}`;
  const named = {
    ...(filter.sub === undefined ? {} : { sub: bind(filter.sub) }),
    ...(filter.sid === undefined ? {} : { sid: bind(filter.sid) }),
    ...(filter.client_id === undefined ? {} : { client_id: bind(filter.client_id) }),
  };
  const after = cursor.decode(filter.cursor)?.[0];
  const from = after === undefined ? [] : [`gid > ${bind(after)}`];
  const limit = bind(filter.limit + 1);
  const rows = 'sub' in named || 'sid' in named ? few(named, filter, from) : walked(named, filter, from, limit);
  return { text: `SELECT ${COLUMNS} FROM ${CLOCK}, ${rows} g ORDER BY g.gid LIMIT ${limit}`, params };
}

type Named = Readonly<Partial<Record<'sub' | 'sid' | 'client_id', string>>>;

function few({ client_id: client, ...owner }: Named, filter: GrantFilter, from: readonly string[]): string {
  const found = Object.entries(owner).map(([column, value]) => `${column} = ${value}`);
  const more = [
    ...(client ? [`client_id = ${client}`] : []),
    ...(filter.access_mode ? [`access_mode = '${filter.access_mode}'`] : []),
    ...from,
  ];
  const all = [...more, ...(filter.state === 'any' ? [] : STATES[filter.state])];
  const inner = `SELECT * FROM grants WHERE ${found.join(' AND ')} OFFSET 0`;
  return `LATERAL (SELECT * FROM (${inner}) o${all.length > 0 ? ` WHERE ${all.join(' AND ')}` : ''})`;
}

function walked({ client_id: client }: Named, { access_mode: mode, state }: GrantFilter, from: readonly string[], limit: string): string {
  const states = state === 'any' ? (['unrevoked', 'revoked'] as const) : [state];
  const branches = states.flatMap((one) =>
    (mode ? [mode] : MODES).map((each) => {
      // Written out: only constants let partial indexes be used.
      const all = [...(client ? [`client_id = ${client}`] : []), `access_mode = '${each}'`, ...STATES[one], ...from];
      return `(SELECT * FROM grants WHERE ${all.join(' AND ')} ORDER BY gid LIMIT ${limit})`;
    }),
  );
  return `LATERAL (${branches.join(' UNION ALL ')})`;
}

const MODES = ['online', 'offline', 'none'] as const;

const STATES = {
  live: ['revoked_at IS NULL', 'expires_at > c.now'],
  revoked: ['revoked_at IS NOT NULL'],
  unrevoked: ['revoked_at IS NULL'],
};
