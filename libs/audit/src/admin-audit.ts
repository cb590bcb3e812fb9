import type { AdminAudit } from '#libs/admin-api';
import type { Sql } from '#libs/database';
import { writeAudit } from './write-audit.js';

/**
 * A service's audit as its admin API needs it. A row that a call wrote counts only if it is there: its transaction may have come to nothing, and the
 * call gone on. Looked up by the primary key.
 */
export function adminAuditOf(db: Sql): AdminAudit {
  return {
    async record(act, rows) {
      if (rows.length > 0 && (await isKept(db, rows))) return;
      await writeAudit(db, [{ ...act, reason: null }]);
    },
  };
}

async function isKept(db: Sql, rows: readonly number[]): Promise<boolean> {
  const kept = await db.query('SELECT id FROM audit WHERE id = ANY($1::bigint[]) LIMIT 1', [rows]);
  return kept.rows.length > 0;
}
