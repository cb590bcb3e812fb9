import { type AuditedAct, writeAudit } from '#libs/audit';
import type { Sql } from '#libs/database';

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
  'dead_letter.listed': { count: number };
  'dead_letter.replayed': { name: string | null; key: string | null };
  'dead_letter.replay_failed': Record<string, never>;
  /** Its `reason` is the operator's own sentence: the one free text here, asked for as such and one line long (closeBody). */
  'dead_letter.closed': { name: string | null; key: string | null };
  'unread_event.listed': { count: number };
  'unread_event.replayed': { name: string; key: string };
}

export interface AuditEntry<A extends keyof AuditDetails = keyof AuditDetails> extends AuditedAct {
  action: A;
  details: AuditDetails[A];
}

/** In the transaction of what it records. */
export function recordAudit<A extends keyof AuditDetails>(tx: Sql, entries: readonly AuditEntry<A>[]): Promise<void> {
  return writeAudit(tx, entries);
}
