import { noteAudited } from '#libs/admin-api';
import type { Sql } from '#libs/database';
import { currentRequestId } from '#libs/http';

export interface AuditedAct {
  /** A subject, `client:<client_id>`, or a name of ours: `policy`, `system`, `configuration`, `anonymous`. */
  actor: string;
  action: string;
  target: string;
  reason: string | null;
  /** Members from the service's allow-list only. */
  details: object;
}

/** In the transaction of what it records: nothing happens unaudited, nothing is audited that did not happen. Stamped with the request's id. */
export async function writeAudit(tx: Sql, acts: readonly AuditedAct[]): Promise<void> {
  if (acts.length === 0) return;
  const { rows } = await tx.query<{ id: number; actor: string }>(
    `INSERT INTO audit (at, actor, action, target, reason, request_id, details)
     SELECT lanyard.now(), e.actor, e.action, e.target, e.reason, $2, e.details
     FROM jsonb_to_recordset($1::jsonb) AS e (actor text, action text, target text, reason text, details jsonb)
     RETURNING id, actor`,
    [JSON.stringify(acts), currentRequestId() ?? null],
  );
  for (const row of rows) noteAudited(row);
}
