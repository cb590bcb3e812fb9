import type { ResponseOf, sessionApi } from '#libs/contracts';
import type { Sql } from '#libs/database';

export type EndedView = ResponseOf<typeof sessionApi.ended>['sessions'][number];

/** Ended sessions of a subject, the latest end first; as many as the retention keeps. `before`: the last one of the page before. */
export async function listEnded(
  sql: Sql,
  sub: string,
  before: { ended_at: number; sid: string } | null,
  limit: number,
): Promise<EndedView[]> {
  const { rows } = await sql.query<EndedView>(
    `SELECT sid, lanyard.ms(started_at) AS started_at, lanyard.ms(ended_at) AS ended_at, end_reason AS reason, ip, user_agent FROM session
     WHERE sub = $1 AND state = 'ended' AND ($2::bigint IS NULL OR (lanyard.ms(ended_at), sid) < ($2::bigint, $3::text))
     ORDER BY lanyard.ms(ended_at) DESC, sid DESC LIMIT $4`,
    [sub, before?.ended_at ?? null, before?.sid ?? null, limit],
  );
  return rows;
}
