import type { SourceName } from '#libs/contracts';
import type { BroadcastHandlers, BroadcastReader, ConnectLog } from '#libs/event-log';
import { PostgresLogReader, type PostgresLogReaderOptions } from '#libs/event-log';
import { type Connection, type Connections, send } from './connections.js';
import type { Process, Scheduler } from './scheduler.js';
import { labelOf } from './simulated-database.js';

/** The connection of a log reader: as the role that may read the log, every read a place. */
export function logPort(process: Process, scheduler: Scheduler, connections: Connections): ConnectLog {
  return () => ({
    number: 1,
    async query<R extends object>(text: string, params: readonly unknown[] = []): Promise<R[]> {
      await scheduler.turn(process, labelOf(text));
      const held: { connection: Connection | null } = { connection: null };
      const work = async () => {
        held.connection = await connections.take(process);
        return (await send(held.connection, text, params)).rows as R[];
      };
      try {
        return await scheduler.answer(process, labelOf(text), () => held.connection?.backend ?? null, work());
      } finally {
        if (held.connection) connections.release(held.connection);
      }
    },
    close: () => Promise.resolve(),
  });
}

/** The real reader, whose steps are taken when the scheduler says so and not by its tickers. */
export class SteppedReader implements BroadcastReader {
  private handlers: BroadcastHandlers | null = null;
  private readonly real: { step(source: SourceName, handlers: BroadcastHandlers): Promise<void> };

  constructor(options: PostgresLogReaderOptions) {
    this.real = new PostgresLogReader(options) as unknown as typeof this.real;
  }

  start(handlers: BroadcastHandlers): Promise<void> {
    this.handlers = handlers;
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  /** Before the view is registered nothing is read. */
  async probe(source: SourceName): Promise<void> {
    if (this.handlers) await this.real.step(source, this.handlers);
  }
}
