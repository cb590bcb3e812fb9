import type { Pool, PoolClient } from 'pg';
import type { DataSource, QueryRunner } from 'typeorm';
import type { Sql, SqlResult, Tx } from './sql.js';
import { isUnavailable, sqlState } from './sql-state.js';

const RETRIED = new Set(['40001', '40P01']);
const TRIES = 4;
/**
 * Readers of the event log read a new epoch from a minute before what they had (OVERLAP_MS), because a row's time is that of its INSERT:
 * no transaction may commit later than that. The rest of the minute is for a pause before the COMMIT, which the server ends after 10 s.
 */
const LONGEST_MS = 30_000;

/** One pool. Hot paths use `query` (raw SQL, same cost as pg alone); entities serve schema, admin paths and tests. */
export class Database implements Sql {
  constructor(
    readonly dataSource: DataSource,
    private readonly longestMs = LONGEST_MS,
  ) {}

  async query<R extends object = Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<SqlResult<R>> {
    const pool = (this.dataSource.driver as unknown as { master: Pool }).master;
    const result = await pool.query<R & Record<string, unknown>>(text, [...params]);
    return { rows: result.rows, affected: result.rowCount ?? 0 };
  }

  /**
   * READ COMMITTED, always: the relay's rule "a new snapshot per statement" is normative (RELIABILITY.md 3). Serialization failures
   * and deadlocks run `work` again, so `work` must do nothing outside the transaction before it returns.
   */
  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.once(work);
      } catch (error) {
        if (attempt === TRIES || !RETRIED.has(sqlState(error) ?? '')) throw error;
        await pause(Math.random() * 10 * 2 ** attempt);
      }
    }
  }

  async close(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async once<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const runner = this.dataSource.createQueryRunner();
    const client: PoolClient & { end?(): Promise<void> } = await runner.connect();
    // TypeORM releases a runner whose connection breaks; what a later query then reports hides the reason.
    let lost: Error | undefined;
    const onLost = (error: Error) => {
      lost ??= error;
    };
    client.on('error', onLost);
    try {
      const began = performance.now();
      await runner.startTransaction('READ COMMITTED');
      const result = await work(transactionOf(runner));
      if (performance.now() - began > this.longestMs) throw new Error(`a transaction took longer than ${this.longestMs} ms`);
      await runner.commitTransaction();
      return result;
    } catch (error) {
      // A connection with an unanswered query must not go back to the pool: the next user would wait behind it.
      if (lost || (isUnavailable(error) && !RETRIED.has(sqlState(error) ?? ''))) await client.end?.().catch(() => undefined);
      else if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw lost ?? error;
    } finally {
      client.off('error', onLost);
      await runner.release().catch(() => undefined);
    }
  }
}

function transactionOf(runner: QueryRunner): Tx {
  return {
    manager: runner.manager,
    async query<R extends object>(text: string, params: readonly unknown[] = []): Promise<SqlResult<R>> {
      const result = await runner.query(text, [...params], true);
      return { rows: (result.records as R[] | undefined) ?? [], affected: result.affected ?? 0 };
    },
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
