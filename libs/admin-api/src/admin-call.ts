import { AsyncLocalStorage } from 'node:async_hooks';

/** An admin call under way, and the rows that the audit got of it so far. */
export interface AdminCall {
  readonly actor: string;
  readonly rows: number[];
}

/** Only to know whether a call has been audited. No transaction and no decision of the service hangs from it. */
const storage = new AsyncLocalStorage<AdminCall>();

export function runAdminCall<T>(call: AdminCall, work: () => Promise<T>): Promise<T> {
  return storage.run(call, work);
}

/** For whatever writes the audit: of each row. What was done in the name of somebody else meanwhile does not stand for the call. */
export function noteAudited(row: { readonly id: number; readonly actor: string }): void {
  const call = storage.getStore();
  if (call?.actor === row.actor) call.rows.push(row.id);
}
