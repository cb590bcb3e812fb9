import type { SourceName } from '#libs/contracts';
import type { EventBatch, EventSource } from '../group/event-source.js';
import type { Held, PositionId } from '../group/position.store.js';
import { lastNumbers } from './last-numbers.js';
import { type ConnectLog, connectLog, type LogQueries } from './log-connection.js';
import { LogListener } from './log-listener.js';
import { readEvents } from './read-events.js';

/** The owners' outboxes themselves. Instances compete by lease alone. */
export class PostgresEventSource implements EventSource {
  private readonly connection: LogQueries;
  private readonly listener: LogListener;
  private wake: (source: SourceName) => void = () => undefined;

  constructor(url: string, applicationName: string, connect: ConnectLog = connectLog) {
    this.connection = connect({ url, applicationName, statementTimeoutMs: 5_000 });
    this.listener = new LogListener(url, applicationName, (source) => this.wake(source));
  }

  async start(wake: (source: SourceName) => void): Promise<void> {
    this.wake = wake;
    await this.listener.start();
  }

  mine(): boolean {
    return true;
  }

  read({ source, partition }: PositionId, { position }: Held, limit: number): Promise<EventBatch> {
    return readEvents(this.connection, source, partition, position, limit);
  }

  done(): void {
    // The owner hears of it by the transport's report.
  }

  ends(source: SourceName): Promise<ReadonlyMap<number, number>> {
    return lastNumbers(this.connection, source, 'events');
  }

  async stop(): Promise<void> {
    await this.listener.stop();
    await this.connection.close();
  }
}
