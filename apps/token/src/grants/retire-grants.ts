import type { EndReason } from '#libs/contracts';
import type { Tx } from '#libs/database';
import { recordAudit } from '../audit/record-audit.js';
import { CLOCK } from './grant.store.js';

/** What an event says of the change that grants die of, for their audit. */
export interface RetireCause {
  readonly reason: EndReason;
  readonly actor: string;
}

/**
 * The cascade's writes: housekeeping, because truth and views already refuse these grants by session and by generation (RELIABILITY 1). They
 * emit nothing, so a session's end costs no entry per grant.
 */
export async function retireGrantsOfSession(tx: Tx, sid: string, { end_id, ...cause }: RetireCause & { end_id: string }): Promise<number> {
  const count = await retire(tx, 'session_ended', "g.sid = $1 AND g.access_mode <> 'offline'", [sid]);
  if (count > 0) await recordAudit(tx, [{ ...cause, action: 'grants.revoked', target: sid, details: { count, end_id } }]);
  return count;
}

/**
 * Everything that pins a lower generation, offline ones above all. The generation stays on record: a grant that a slower exchange inserts
 * after this is refused by it at every use, also long after the view has forgotten.
 */
export async function retireGrantsOfSubject(tx: Tx, sub: string, gen: number, cause: RetireCause): Promise<number> {
  await tx.query(
    `INSERT INTO subject_generations (sub, gen) VALUES ($1, $2)
     ON CONFLICT (sub) DO UPDATE SET gen = greatest(subject_generations.gen, EXCLUDED.gen)`,
    [sub, gen],
  );
  const count = await retire(tx, 'subject_changed', 'g.sub = $1 AND g.subject_gen < $2', [sub, gen]);
  if (count > 0) await recordAudit(tx, [{ ...cause, action: 'grants.revoked', target: sub, details: { count, gen } }]);
  return count;
}

/** In parts: a statement that hits its time limit would be tried for ever, and hold back every event behind this one. */
const AT_ONCE = 1_000;

/** Locked in the order of the gids: two mass revocations would deadlock otherwise. */
async function retire(tx: Tx, reason: 'session_ended' | 'subject_changed', where: string, params: unknown[]): Promise<number> {
  for (let retired = 0; ; ) {
    const { rows: locked } = await tx.query<{ gid: string }>(
      `SELECT g.gid FROM grants g WHERE ${where} AND g.revoked_at IS NULL ORDER BY g.gid LIMIT ${AT_ONCE} FOR NO KEY UPDATE`,
      params,
    );
    // Once more by its own condition, and the clock read after every wait.
    const { affected } = await tx.query(
      `UPDATE grants g SET revoked_at = c.now, revoke_reason = '${reason}', expires_at = LEAST(g.expires_at, c.now)
       FROM ${CLOCK} WHERE g.gid = ANY($${params.length + 1}::text[]) AND ${where} AND g.revoked_at IS NULL`,
      [...params, locked.map(({ gid }) => gid)],
    );
    retired += affected;
    if (locked.length < AT_ONCE) return retired;
  }
}
