import type { Tx } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { CLOCK } from './grant.store.js';

/**
 * The cascade's writes: housekeeping, because truth and views already refuse these grants by session and by generation (RELIABILITY 1). They
 * emit nothing, so a session's end costs no entry per grant.
 */
export async function retireGrantsOfSession(tx: Tx, sid: string): Promise<number> {
  return retire(tx, sid, 'session_ended', "g.sid = $1 AND g.access_mode <> 'offline'", [sid]);
}

/**
 * Everything that pins a lower generation, offline ones above all. The generation stays on record: a grant that a slower exchange inserts
 * after this is refused by it at every use, also long after the view has forgotten.
 */
export async function retireGrantsOfSubject(tx: Tx, sub: string, gen: number): Promise<number> {
  await tx.query(
    `INSERT INTO subject_generations (sub, gen) VALUES ($1, $2)
     ON CONFLICT (sub) DO UPDATE SET gen = greatest(subject_generations.gen, EXCLUDED.gen)`,
    [sub, gen],
  );
  return retire(tx, sub, 'subject_changed', 'g.sub = $1 AND g.subject_gen < $2', [sub, gen]);
}

async function retire(
  tx: Tx,
  target: string,
  reason: 'session_ended' | 'subject_changed',
  where: string,
  params: unknown[],
): Promise<number> {
  await tx.query(`SELECT FROM grants g WHERE ${where} AND g.revoked_at IS NULL ORDER BY g.gid FOR NO KEY UPDATE`, params);
  const { rows } = await tx.query(
    `UPDATE grants g SET revoked_at = c.now, revoke_reason = '${reason}', expires_at = LEAST(g.expires_at, c.now)
     FROM ${CLOCK} WHERE ${where} AND g.revoked_at IS NULL RETURNING g.gid`,
    params,
  );
  const count = rows.length;
  if (count > 0) await recordAudit(tx, [{ actor: 'system', action: 'grants.revoked', target, reason, details: { count } }]);
  return count;
}
