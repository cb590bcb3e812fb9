import type { AdminMethod } from './admin-route.js';

/** A call as the audit has it where the service had nothing of its own to say. Never a body, a query or an answer. */
export interface AdminAct {
  readonly actor: string;
  readonly action: 'admin.called' | 'admin.refused';
  /** What the path names first; `*` where it names nothing, or what it names was not found to exist. */
  readonly target: string;
  readonly details: { readonly method: AdminMethod; readonly route: string; readonly status: number; readonly error?: string };
}

export const ADMIN_AUDIT = Symbol('ADMIN_AUDIT');

/** Where a service keeps its audit: libs/audit has the one of a table. */
export interface AdminAudit {
  /** Unless one of `rows`, which the call wrote itself, is there to stay. */
  record(act: AdminAct, rows: readonly number[]): Promise<void>;
}
