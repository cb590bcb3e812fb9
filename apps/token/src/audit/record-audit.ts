import type { Sql } from '#libs/database';
import { currentRequestId } from '#libs/http';

/** What may be audited, and with which details. The types are the allow-list: no token, no code, no free text of a client. */
export interface AuditDetails {
  'grant.created': { sub: string; client_id: string; sid: string; access_mode: string; scope: readonly string[]; refresh_token: boolean };
  'grant.revoked': { sub: string; client_id: string };
  'grants.revoked': { count: number };
  'refresh.replayed': { client_id: string; presented: number; current: number; why: string };
  'refresh.fast_forward': { client_id: string; presented: number; current: number };
  'code.replayed': { client_id: string };
  'token.revoked': { client_id: string; sub: string };
  'grant.listed': { sub: string | null; client_id: string | null; sid: string | null; count: number };
  'grant.read': { sub: string; client_id: string };
  'key.rotated': { successor: string | null };
  'key.revoked': { line: string; state: string; successor: string | null };
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
