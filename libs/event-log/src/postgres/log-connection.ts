import pg from 'pg';

export interface LogConnectionOptions {
  url: string;
  applicationName: string;
  /** The server gives a statement up after this, the client a little later: a stall of either never hangs the reader. */
  statementTimeoutMs?: number;
}

/** One connection that is made when it is needed and thrown away at the first sign of trouble; whoever asks next gets a new one. */
export class LogConnection {
  private client: Promise<pg.Client> | undefined;
  private live: pg.Client | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private made = 0;

  constructor(
    private readonly options: LogConnectionOptions,
    private readonly prepare: (client: pg.Client) => Promise<void> = async () => undefined,
  ) {}

  /** Which connection answered last. A connection does not outlive its server, so what went over one came from one epoch. */
  get number(): number {
    return this.made;
  }

  /** One at a time, in the order of the calls. `over`: only over the connection of this number. */
  query<R extends object>(text: string, params: readonly unknown[] = [], over?: number): Promise<R[]> {
    const mine = this.turn.then(() => this.send<R>(text, params, over));
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  async close(): Promise<void> {
    const mine = this.client;
    this.client = undefined;
    const client = await mine?.catch(() => undefined);
    if (client) destroy(client);
  }

  private async send<R extends object>(text: string, params: readonly unknown[], over?: number): Promise<R[]> {
    this.client ??= this.connect();
    const mine = this.client;
    try {
      const client = await mine;
      if (over !== undefined && over !== this.made) throw new Error('the connection broke between a ticket and its read');
      return (await client.query<R & Record<string, unknown>>(text, [...params])).rows;
    } catch (error) {
      // An error the server reported as the query's own (it has a severity) leaves the connection in order.
      if (!(error instanceof pg.DatabaseError) || error.severity === 'FATAL') this.discard(mine);
      throw error;
    }
  }

  private discard(mine: Promise<pg.Client>): void {
    if (this.client === mine) this.client = undefined;
    void mine.then(destroy, () => undefined);
  }

  private async connect(): Promise<pg.Client> {
    const timeout = this.options.statementTimeoutMs ?? 1_000;
    const client = new pg.Client({
      connectionString: this.options.url,
      application_name: this.options.applicationName,
      connectionTimeoutMillis: 2_000,
      statement_timeout: timeout,
      query_timeout: timeout + 200,
      keepAlive: true,
    });
    const forget = () => {
      if (this.live === client) this.client = this.live = undefined;
    };
    client.on('error', forget);
    client.on('end', forget);
    try {
      await client.connect();
      await this.prepare(client);
      this.live = client;
      this.made++;
      return client;
    } catch (error) {
      destroy(client);
      throw error;
    }
  }
}

/** What the readers need of it: a port, so that a test can put every read in an order of its own. */
export type LogQueries = Pick<LogConnection, 'query' | 'number' | 'close'>;
export type ConnectLog = (options: LogConnectionOptions) => LogQueries;

export const connectLog: ConnectLog = (options) => new LogConnection(options);

/** `end()` waits for the other side to answer; a half-open connection has none. */
function destroy(client: pg.Client): void {
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  client.on('error', () => undefined);
  client.end().catch(() => undefined);
  setImmediate(() => connection?.stream?.destroy());
}
