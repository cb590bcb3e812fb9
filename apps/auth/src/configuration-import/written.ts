import type { EventDraft, RevocationDraft } from '#libs/event-log';
import type { AuditEntry } from '../audit/record-audit.js';

/** What a step of the import has written, for the outbox and the audit of the same transaction. */
export interface Written {
  events: EventDraft[];
  revocations: RevocationDraft[];
  audit: AuditEntry[];
}

export interface ImportReport {
  created: number;
  updated: number;
  disabled: number;
  enabled: number;
}

/** A change without an action counts nowhere: it only makes other services read a record again. */
export function reportOf({ audit }: Written): ImportReport {
  const count = (suffix: string) => audit.filter(({ action }) => action.endsWith(suffix)).length;
  return { created: count('.created'), updated: count('.updated'), disabled: count('.disabled'), enabled: count('.enabled') };
}
