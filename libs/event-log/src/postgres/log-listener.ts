import { type SourceName, sourceName } from '#libs/contracts';
import { LOG_CHANNEL } from '../partitions.js';
import { Ticker } from '../ticker.js';
import { LogConnection } from './log-connection.js';

const ALIVE_EVERY_MS = 2_000;

/** A direct connection of its own that LISTENs. Lost notices cost at most a tick of whoever polls; a dead connection is noticed and replaced. */
export class LogListener {
  private readonly connection: LogConnection;
  private readonly alive: Ticker;

  constructor(url: string, applicationName: string, onNotice: (source: SourceName) => void) {
    this.connection = new LogConnection({ url, applicationName: `${applicationName} listen` }, async (client) => {
      client.on('notification', ({ payload }) => {
        const source = sourceName.safeParse(payload);
        if (source.success) onNotice(source.data);
      });
      await client.query(`LISTEN ${LOG_CHANNEL}`);
    });
    this.alive = new Ticker(ALIVE_EVERY_MS, async () => {
      await this.connection.query('SELECT 1');
    });
  }

  /** Resolves after the first try. */
  async start(): Promise<void> {
    this.alive.start();
    await this.alive.run();
  }

  async stop(): Promise<void> {
    await this.alive.stop();
    await this.connection.close();
  }
}
