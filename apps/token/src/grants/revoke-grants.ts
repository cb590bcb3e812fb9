import type { GrantRevokeReason, RevocationEntry } from '#libs/contracts';
import type { Sql, Tx } from '#libs/database';
import type { Outbox } from '#libs/event-log';
import { type AuditEntry, recordAudit } from '../audit/record-audit.js';
import { voidCodes } from '../codes/void-codes.js';
import { withdrawConsent } from '../codes/withdrawn-consents.js';
import { CLOCK } from './grant.store.js';

export interface RevokeCause {
  readonly reason: GrantRevokeReason;
  /** For the audit and the event: who asked for it, or whose token was replayed. */
  readonly actor: string;
}

export type GrantSelector =
  | { consent_id: string }
  | { gid: string }
  | { gids: readonly string[] }
  | { sub: string; client_id: string }
  | { sid: string; client_id: string };

interface RevokedRow {
  gid: string;
  sub: string;
  client_id: string;
  sid: string | null;
}

/**
 * The way a grant dies at somebody's wish: row, event, entry and audit in the caller's transaction. Of several at once the condition lets
 * one publish. Answers the entries for the hints, and how many it was.
 */
export async function revokeGrants(
  tx: Tx,
  outbox: Outbox,
  by: GrantSelector,
  cause: RevokeCause,
): Promise<{ entries: RevocationEntry[]; count: number }> {
  if ('consent_id' in by) await withdrawConsent(tx, by.consent_id);
  if ('client_id' in by) await voidCodes(tx, by);
  const gids = await lockLive(tx, by);
  if (gids.length === 0) return { entries: [], count: 0 };
  const { rows } = await tx.query<RevokedRow>(
    `UPDATE grants g SET revoked_at = c.now, revoke_reason = $2, expires_at = LEAST(g.expires_at, c.now)
     FROM ${CLOCK} WHERE g.gid = ANY($1::text[]) AND g.revoked_at IS NULL
     RETURNING g.gid, g.sub, g.client_id, CASE WHEN g.access_mode <> 'offline' THEN g.sid END AS sid`,
    [gids, cause.reason],
  );
  const entries = await outbox.add(tx, {
    events: rows.map((row) => ({ name: 'GrantRevoked', payload: { ...row, reason: cause.reason, actor: cause.actor } })),
    revocations: rows.map(({ gid }) => ({ kind: 'grant', id: gid })),
  });
  await recordAudit(
    tx,
    rows.map((row) => auditOf(row, cause)),
  );
  return { entries, count: rows.length };
}

/** In the order of the ids: two mass revocations would deadlock otherwise. */
async function lockLive(tx: Tx, by: GrantSelector): Promise<string[]> {
  const { text, params } = whereOf(by);
  const { rows } = await tx.query<{ gid: string }>(
    `SELECT gid FROM grants WHERE ${text} AND revoked_at IS NULL ORDER BY gid FOR NO KEY UPDATE`,
    params,
  );
  return rows.map(({ gid }) => gid);
}

/**
 * Revoked within the time in which callers retry: their entries are sent again, because whoever lost the first answer is told `confirmed`
 * too. `at` is the present, later than the entry's own, which only keeps it longer.
 */
export async function latelyRevoked(sql: Sql, by: GrantSelector): Promise<RevocationEntry[]> {
  const { text, params } = whereOf(by);
  const { rows } = await sql.query<{ gid: string; at: number }>(
    `SELECT gid, lanyard.now_ms() AS at FROM grants WHERE ${text} AND revoked_at > (SELECT lanyard.now()) - interval '1 minute'`,
    params,
  );
  return rows.map(({ gid, at }) => ({ kind: 'grant', id: gid, at }));
}

/** By session: what hangs from it. An offline grant made in it does not (promise 5). */
function whereOf(by: GrantSelector): { text: string; params: unknown[] } {
  if ('gids' in by) return { text: 'gid = ANY($1::text[])', params: [by.gids] };
  if ('gid' in by) return { text: 'gid = $1', params: [by.gid] };
  if ('consent_id' in by) return { text: 'consent_id = $1', params: [by.consent_id] };
  if ('sub' in by) return { text: 'sub = $1 AND client_id = $2', params: [by.sub, by.client_id] };
  return { text: "sid = $1 AND client_id = $2 AND access_mode <> 'offline'", params: [by.sid, by.client_id] };
}

function auditOf({ gid, sub, client_id }: RevokedRow, { actor, reason }: RevokeCause): AuditEntry<'grant.revoked'> {
  return { actor, action: 'grant.revoked', target: gid, reason, details: { sub, client_id } };
}
