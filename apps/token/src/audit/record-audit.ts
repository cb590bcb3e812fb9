import { type AuditedAct, writeAudit } from '#libs/audit';
import type { Sql } from '#libs/database';

/** What may be audited, and with which details. The types are the allow-list: no token, no code, no free text of a client. */
export interface AuditDetails {
  'grant.created': { sub: string; client_id: string; sid: string; access_mode: string; scope: readonly string[]; refresh_token: boolean };
  'grant.revoked': { sub: string; client_id: string };
  /** By the cascade: the end of a session, or the generation of a subject. */
  'grants.revoked': { count: number; end_id: string } | { count: number; gen: number };
  'refresh.replayed': { client_id: string; presented: number; current: number; why: string };
  'refresh.fast_forward': { client_id: string; presented: number; current: number };
  'code.replayed': { client_id: string };
  'token.revoked': { client_id: string; sub: string };
  'grant.listed': { sub: string | null; client_id: string | null; sid: string | null; count: number };
  'grant.read': { sub: string; client_id: string };
  'keys.rewrapped': { keys: number; kek: boolean; sealing_kek: boolean };
  'key.rotated': { successor: string | null };
  'key.revoked': { line: string; state: string; successor: string | null };
  'dead_letter.listed': { count: number };
  'dead_letter.replayed': { name: string | null; key: string | null };
  'dead_letter.replay_failed': Record<string, never>;
  /** Its `reason` is the operator's own sentence: the one free text here, asked for as such and one line long (closeBody). */
  'dead_letter.closed': { name: string | null; key: string | null };
}

export interface AuditEntry<A extends keyof AuditDetails = keyof AuditDetails> extends AuditedAct {
  action: A;
  details: AuditDetails[A];
}

/** A client that acts for itself, as every audit names it. */
export const clientActor = (clientId: string): string => `client:${clientId}`;

/** In the transaction of what it records. */
export function recordAudit<A extends keyof AuditDetails>(tx: Sql, entries: readonly AuditEntry<A>[]): Promise<void> {
  return writeAudit(tx, entries);
}
