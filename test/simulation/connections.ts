import pg from 'pg';
import type { Role } from '#libs/database';
import type { TestDatabase } from '#libs/testing';
import type { Process } from './scheduler.js';

export interface Connection {
  readonly client: pg.Client;
  readonly backend: number;
  holder: Process | null;
  /** Between BEGIN and its end. */
  open: boolean;
  sent: Promise<unknown> | null;
}

const names = new Map<string, string>();

/** Real connections of one role, kept over many seeds. A process that dies gives its connections back as the server sees it: rolled back. */
export class Connections {
  private readonly all: Connection[] = [];

  constructor(
    private readonly database: TestDatabase,
    private readonly role: Role,
    private readonly searchPath: string,
  ) {}

  async take(process: Process): Promise<Connection> {
    const free = this.all.find(({ holder }) => holder === null);
    if (free) {
      free.holder = process;
      return free;
    }
    const client = new pg.Client({ connectionString: this.database.url(this.role), options: `-c search_path=${this.searchPath}` });
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    const connection: Connection = { client, backend: Number(rows[0]?.pid), holder: process, open: false, sent: null };
    this.all.push(connection);
    return connection;
  }

  release(connection: Connection): void {
    connection.holder = null;
  }

  /** What the server does when a client is gone: the statement under way is cancelled, the transaction rolled back. */
  async abandon(process: Process, cancel: (backend: number) => Promise<void>): Promise<void> {
    for (const connection of this.all.filter(({ holder }) => holder === process)) {
      const { sent } = connection;
      if (sent) {
        await cancel(connection.backend);
        await sent.catch(() => undefined);
      }
      if (connection.open) await connection.client.query('ROLLBACK');
      Object.assign(connection, { holder: null, open: false, sent: null });
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(({ client }) => client.end()));
  }
}

/** Named, so that the server parses a statement once in a connection's life and not once in a seed's. */
export function send(connection: Connection, text: string, values: readonly unknown[]): Promise<pg.QueryResult> {
  let name = names.get(text);
  if (!name) {
    name = `s${names.size}`;
    names.set(text, name);
  }
  const sent = connection.client.query({ name, text, values: [...values] });
  connection.sent = sent;
  const over = () => {
    if (connection.sent === sent) connection.sent = null;
  };
  sent.then(over, over);
  return sent;
}
