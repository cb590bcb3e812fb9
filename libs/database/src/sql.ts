import type { EntityManager } from 'typeorm';

export interface SqlResult<R> {
  rows: R[];
  /** Rows inserted, updated, deleted or returned. */
  affected: number;
}

export interface Sql {
  query<R extends object = Record<string, unknown>>(text: string, params?: readonly unknown[]): Promise<SqlResult<R>>;
}

/**
 * An open transaction, handed on as a parameter: what takes a `Tx` writes within its caller's commit. There is no ambient one,
 * so a write can't slip out of its transaction unseen.
 */
export interface Tx extends Sql {
  readonly manager: EntityManager;
}
