import { type AuditedAct, writeAudit } from '#libs/audit';
import type { Sql } from '#libs/database';

/**
 * What auth audits, and with which details. The types are the allow-list: no password, no secret, no free text of a client. Every
 * part of auth that changes something records it here, in the same transaction.
 */
export interface AuditDetails {
  'login.succeeded': { sid: string; address: string | null };
  'login.failed': { address: string | null };
  'consent.granted': { client_id: string; scopes: string[] };
  'consent.denied': { client_id: string };
  'consent.revoked': { client_id: string; sub: string };
  'consent.grants_revoked': { client_id: string; sub: string };
  'application.revoked': { client_id: string; grants: number };
  'subject.created': { from_file: boolean };
  'subject.updated': { members: string[] };
  'subject.disabled': { gen: number };
  'subject.enabled': { gen: number };
  'subject.revoked_all': { gen: number };
  'subject.password_changed': { gen: number; kept_sid: string | null };
  'subject.read': { what: 'account' | 'consents' };
  'subjects.listed': { search: string | null; count: number };
  'client.secret_added': { secret_id: string };
  'client.secret_removed': { secret_id: string };
  'client.created': { from_file: boolean };
  'client.updated': { members: string[] };
  'client.disabled': { gen: number };
  'client.enabled': { gen: number };
  'installation.restored': { subjects: number; clients: number };
  'unread_event.listed': { count: number };
  'unread_event.replayed': { name: string; key: string };
  'configuration.imported': { created: number; updated: number; disabled: number; enabled: number; apis: number };
}

/** Why a person's, a client's or a consent's standing changed: that person's wish, an operator's, the configuration file, a restored backup. */
export const CHANGE_REASONS = ['user', 'admin', 'configuration', 'restore'] as const;
export type ChangeReason = (typeof CHANGE_REASONS)[number];

/** What is never audited without one: whoever reads why something ended finds this row at the beginning. */
type Reasoned =
  | Extract<keyof AuditDetails, `subject.${'disabled' | 'enabled' | 'revoked_all' | 'password_changed'}`>
  | Extract<keyof AuditDetails, `client.${'disabled' | 'enabled'}`>
  | Extract<keyof AuditDetails, 'consent.revoked' | 'consent.grants_revoked' | 'application.revoked' | 'installation.restored'>;

export interface AuditEntry<A extends keyof AuditDetails = keyof AuditDetails> extends AuditedAct {
  action: A;
  reason: A extends Reasoned ? ChangeReason : string | null;
  details: AuditDetails[A];
}

/** In the transaction of what it records. */
export function recordAudit<A extends keyof AuditDetails>(tx: Sql, entries: readonly AuditEntry<A>[]): Promise<void> {
  return writeAudit(tx, entries);
}
