import type { ResponseOf, tokenApi } from '#libs/contracts';
import type { Sql } from '#libs/database';
import { CLOCK } from './grant.store.js';

type HeldByClient = ResponseOf<typeof tokenApi.grantsOfSubject>['clients'][number];

/** One person's clients: far more than anybody has, and a bound all the same. */
const MAX_CLIENTS = 500;

/** What is neither revoked, nor run out, nor of a generation that is gone. By the index on (sub, client_id). */
export async function grantsOfSubject(sql: Sql, sub: string): Promise<HeldByClient[]> {
  const { rows } = await sql.query<HeldByClient>(
    `SELECT g.client_id, coalesce(array_agg(DISTINCT n.name) FILTER (WHERE n.name IS NOT NULL), '{}') AS scope,
       lanyard.ms(min(g.created_at)) AS since, lanyard.ms(max(g.last_used_at)) AS last_used_at,
       lanyard.ms(min(g.created_at) FILTER (WHERE g.access_mode = 'offline')) AS offline_since
     FROM ${CLOCK}, grants g LEFT JOIN subject_generations s ON s.sub = g.sub LEFT JOIN LATERAL unnest(g.scope) n (name) ON true
     WHERE g.sub = $1 AND g.revoked_at IS NULL AND g.expires_at > c.now AND g.subject_gen >= coalesce(s.gen, 0)
     GROUP BY g.client_id ORDER BY max(g.last_used_at) DESC, g.client_id LIMIT ${MAX_CLIENTS}`,
    [sub],
  );
  return rows;
}
