import type { Sql } from '#libs/database';
import { currentRequestId } from '#libs/http';

/** What may be audited, and with which details. The types are the allow-list: no cookie, no token, no free text of a client. */
export interface AuditDetails {
  'session.started': { remember: boolean; amr: string[] };
  'session.reauthenticated': { remember: boolean; amr: string[] };
  'session.ended': { end_id: string; sub: string };
  'session.listed': { sub: string | null; client_id: string | null; ip: string | null; count: number };
  'session.read': { sub: string };
  'participant.ended': { client_id: string; sub: string };
  'delivery.dead': { client_id: string; attempts: number };
  'delivery.listed': { state: string | null; client_id: string | null; count: number };
  'delivery.replayed': { client_id: string };
  'audit.read': { target: string | null; actor: string | null; count: number };
  'dead_letter.listed': { count: number };
  'dead_letter.replayed': { name: string | null; key: string | null };
}

export interface AuditEntry<A extends keyof AuditDetails = keyof AuditDetails> {
  actor: string;
  action: A;
  target: string;
  reason: string | null;
  details: AuditDetails[A];
}

/** In the transaction of what it records: nothing happens unaudited, nothing is audited that did not happen. */
export async function recordAudit<A extends keyof AuditDetails>(tx: Sql, entries: readonly AuditEntry<A>[]): Promise<void> {
  if (entries.length === 0) return;
  await tx.query(
    `INSERT INTO audit (at, actor, action, target, reason, request_id, details)
     SELECT lanyard.now(), e.actor, e.action, e.target, e.reason, $2, e.details
     FROM jsonb_to_recordset($1::jsonb) AS e (actor text, action text, target text, reason text, details jsonb)`,
    [JSON.stringify(entries), currentRequestId() ?? null],
  );
}
