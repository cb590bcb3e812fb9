import type { Sql, Tx } from '#libs/database';
import type { Grant, ReadGrant } from './grant.js';

export type NewGrant = Omit<Grant, 'rotatedAt' | 'lateRepeats' | 'createdAt' | 'lastUsedAt' | 'revokedAt'> & {
  /** ms: when nothing of it can be alive any more, as far as is known. */
  readonly expiresAt: number;
};

type Row = Grant & { dbTime: number; subjectGenFloor: number };

const COLUMNS = `g.gid, g.client_id AS "clientId", g.sub, g.subject_gen AS "subjectGen", g.sid, g.access_mode AS "accessMode",
  g.consent_id AS "consentId", g.scope, g.resources, lanyard.ms(g.auth_time) AS "authTime", g.amr, g.acr,
  g.refresh_seq AS "refreshSeq", lanyard.ms(g.rotated_at) AS "rotatedAt", g.late_repeats AS "lateRepeats",
  lanyard.ms(g.created_at) AS "createdAt", lanyard.ms(g.last_used_at) AS "lastUsedAt", lanyard.ms(g.revoked_at) AS "revokedAt"`;

/** One reading of the clock per statement. */
export const CLOCK = '(SELECT lanyard.now() AS now OFFSET 0) c';

/** Reads on the primary; the writes that follow say again what they rely on. */
export async function readGrant(sql: Sql, gid: string): Promise<ReadGrant | null> {
  const { rows } = await sql.query<Row>(
    `SELECT ${COLUMNS}, lanyard.ms(c.now) AS "dbTime", coalesce(s.gen, 0) AS "subjectGenFloor"
     FROM ${CLOCK}, grants g LEFT JOIN subject_generations s ON s.sub = g.sub WHERE g.gid = $1`,
    [gid],
  );
  const row = rows[0];
  if (!row) return null;
  const { dbTime, subjectGenFloor, ...grant } = row;
  return { grant, subjectGenFloor, dbTime };
}

export async function insertGrant(tx: Tx, grant: NewGrant): Promise<void> {
  await tx.query(
    `INSERT INTO grants (gid, client_id, sub, subject_gen, sid, access_mode, consent_id, scope, resources, auth_time, amr, acr,
       refresh_seq, late_repeats, created_at, last_used_at, expires_at)
     SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, lanyard.from_ms($10), $11, $12, $13, 0, c.now, c.now, lanyard.from_ms($14) FROM ${CLOCK}`,
    [
      grant.gid,
      grant.clientId,
      grant.sub,
      grant.subjectGen,
      grant.sid,
      grant.accessMode,
      grant.consentId,
      grant.scope,
      grant.resources,
      grant.authTime,
      grant.amr,
      grant.acr,
      grant.refreshSeq,
      grant.expiresAt,
    ],
  );
}

/** What the sweeper may take: long dead, so that its refresh tokens are unknown afterwards instead of revoked, which is the same answer. */
export async function deleteDeadGrants(sql: Sql, batch: number): Promise<number> {
  const { affected } = await sql.query(
    `DELETE FROM grants WHERE gid = ANY (ARRAY(
       SELECT gid FROM grants WHERE expires_at < (SELECT lanyard.now()) - interval '30 days' ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
    [batch],
  );
  return affected;
}
