import type { Sql } from '#libs/database';

/** Consents withdrawn whose grants are not known to be dead: `RevokeConsent` goes on with them. Until then nobody is told "revoked". */
export async function unfinishedWithdrawals(sql: Sql, sub: string): Promise<{ client_id: string; revoked_at: number }[]> {
  const { rows } = await sql.query<{ client_id: string; revoked_at: number }>(
    `SELECT client_id, lanyard.ms(max(revoked_at)) AS revoked_at FROM consent
     WHERE sub = $1 AND revoked_at IS NOT NULL AND grants_revoked_at IS NULL GROUP BY client_id`,
    [sub],
  );
  return rows;
}
