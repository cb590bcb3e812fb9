import type { DataSource } from 'typeorm';
import { Database, type Sql, type SqlResult, sqlState, type Tx } from '#libs/database';
import { type Connection, type Connections, send } from './connections.js';
import type { Process, Scheduler } from './scheduler.js';

/** Rewrites a statement on its way to the server: how a mutant takes a rule out. null: it is not sent, and finds nothing. */
export type Rewrite = (text: string, process: Process) => string | null;

export interface DatabasePorts {
  scheduler: Scheduler;
  connections: Connections;
  rewrite: Rewrite;
  /** How long a statement is on its way, ms. */
  slowness: () => number;
  /** Something was committed. */
  onCommit: () => void;
}

const TRIES = 4;
const RETRIED = new Set(['40001', '40P01']);
/** Limits in real time mean nothing where time is simulated. */
const REAL_TIME = /^SET LOCAL (?:lock_timeout|idle_in_transaction_session_timeout)/;
/** Or writes what no rule looks at. */
const READS = /^\s*SELECT|INTO view |INTO log_position|log_position SET holder/;
const NOTHING = { rows: [], affected: 0 };

/**
 * The port of libs/database on real connections: every statement is a place, a COMMIT is one, a ROLLBACK too. What the server answers is
 * the server's own; only when it is asked is the scheduler's choice.
 */
export class SimulatedDatabase extends Database {
  constructor(
    private readonly process: Process,
    private readonly ports: DatabasePorts,
  ) {
    super(undefined as unknown as DataSource);
  }

  override async query<R extends object = Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<SqlResult<R>> {
    const { scheduler, connections } = this.ports;
    const statement = this.ports.rewrite(text, this.process);
    await scheduler.turn(this.process, labelOf(text), this.ports.slowness());
    if (statement === null) return NOTHING;
    const held: { connection: Connection | null } = { connection: null };
    const work = async () => {
      held.connection = await connections.take(this.process);
      return send(held.connection, statement, params);
    };
    try {
      const result = await scheduler.answer(this.process, labelOf(text), () => held.connection?.backend ?? null, work());
      if (!READS.test(text)) this.ports.onCommit();
      return resultOf<R>(text, result);
    } finally {
      if (held.connection) connections.release(held.connection);
    }
  }

  override async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.attempt(work);
      } catch (error) {
        if (attempt === TRIES || !RETRIED.has(sqlState(error) ?? '')) throw error;
      }
    }
  }

  private async attempt<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const transaction = new SimulatedTransaction(this.process, this.ports);
    let result: T;
    try {
      result = await work(transaction as unknown as Tx);
    } catch (error) {
      await transaction.end('ROLLBACK');
      throw error;
    }
    await transaction.end('COMMIT');
    return result;
  }
}

class SimulatedTransaction implements Sql {
  private connection: Connection | null = null;

  constructor(
    private readonly process: Process,
    private readonly ports: DatabasePorts,
  ) {}

  async query<R extends object = Record<string, unknown>>(text: string, params: readonly unknown[] = []): Promise<SqlResult<R>> {
    if (REAL_TIME.test(text)) return NOTHING;
    const statement = this.ports.rewrite(text, this.process);
    const what = `in tx ${labelOf(text)}`;
    await this.ports.scheduler.turn(this.process, what, this.ports.slowness());
    if (statement === null) return NOTHING;
    const backend = () => this.connection?.backend ?? null;
    return resultOf<R>(text, await this.ports.scheduler.answer(this.process, what, backend, this.send(statement, params)));
  }

  async end(how: 'COMMIT' | 'ROLLBACK'): Promise<void> {
    const { connection } = this;
    if (!connection) return;
    await this.ports.scheduler.turn(this.process, how);
    const ended = connection.client.query(this.ports.rewrite(how, this.process) ?? how).then((result) => {
      connection.open = false;
      return result;
    });
    await this.ports.scheduler.answer(this.process, how, () => connection.backend, ended, true);
    this.ports.connections.release(connection);
    if (how === 'COMMIT') this.ports.onCommit();
  }

  private async send(text: string, params: readonly unknown[]) {
    if (!this.connection) {
      this.connection = await this.ports.connections.take(this.process);
      this.connection.open = true;
      await this.connection.client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
    }
    return send(this.connection, text, params);
  }
}

/** Where a statement asks for no order, or for `random()`, the order is the server's whim: here it is the rows' own. */
function resultOf<R extends object>(text: string, { rows, rowCount }: { rows: unknown[]; rowCount: number | null }): SqlResult<R> {
  if (rows.length > 1 && (!text.includes('ORDER BY') || text.includes('random()'))) {
    const texts = new Map(rows.map((row) => [row, JSON.stringify(row)]));
    rows.sort((a, b) => ((texts.get(a) ?? '') < (texts.get(b) ?? '') ? -1 : 1));
  }
  return { rows: rows as R[], affected: rowCount ?? 0 };
}

export function labelOf(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, 64);
}
