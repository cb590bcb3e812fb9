import type { ReceivedEvent, SourceName } from '#libs/contracts';
import { LogTransport } from '#libs/event-log';
import { SteppedEventSource } from './kafka/event-source.js';
import { logPort } from './log-port.js';
import type { Ground } from './parts/parts.js';
import type { Process } from './scheduler.js';
import type { SimulatedDatabase } from './simulated-database.js';

interface Stepped {
  add(id: { source: SourceName; stream: 'events'; partition: number }): Promise<void>;
  consumers: { consumer: Consumer }[];
}

interface Consumer {
  step(): Promise<void>;
  deliver(position: number, records: readonly { pseq: number }[]): Promise<void>;
  commit(position: number): Promise<void>;
}

/** The real group reader of one source with a service's own handlers. Answers one turn of its work. */
export function groupReader(
  ground: Ground,
  process: Process,
  db: SimulatedDatabase,
  reader: 'session' | 'token',
  source: SourceName,
  handlers: Record<string, (event: ReceivedEvent) => Promise<void>>,
): () => Promise<void> {
  const { scheduler, connections, clock, tamper } = ground;
  const partitions = ground.kafka?.partitions ?? 1;
  const connect = logPort(process, scheduler, connections.log);
  const events =
    ground.kafka &&
    new SteppedEventSource(
      ground.kafka,
      process,
      { reader, sources: [source], connect, logDatabaseUrl: '', rules: tamper.kafka?.fetching ?? {} },
      tamper.kafka?.asksNobody ?? false,
    );
  const transport = new LogTransport({
    db,
    reader,
    logDatabaseUrl: '',
    instanceId: `${process.name} ${process.incarnation}`,
    report: () => Promise.resolve(),
    connect,
    ...(events ? { events } : {}),
    clock: {
      monotonic: () => clock.now,
      pause: (ms) => scheduler.turn(process, 'pauses before it handles an event again', ms),
      every: () => ({ stop: () => Promise.resolve() }),
    },
  });
  for (const [name, handle] of Object.entries(handlers)) transport.addHandler(name, async (event) => handle(event as ReceivedEvent));
  const stepped = transport as unknown as Stepped;
  return async () => {
    for (let partition = stepped.consumers.length; partition < partitions; partition++) {
      await stepped.add({ source, stream: 'events', partition });
      if (tamper.commitsFirst) commitFirst(stepped.consumers.at(-1)?.consumer);
    }
    // Beside the steps, as their own timers would have it.
    void events?.join();
    await Promise.all(stepped.consumers.map(({ consumer }) => consumer.step()));
    void events?.commitOffsets();
  };
}

function commitFirst(consumer: Consumer | undefined): void {
  if (!consumer) return;
  const deliver = consumer.deliver.bind(consumer);
  consumer.deliver = async (position, records) => {
    await consumer.commit(records.at(-1)?.pseq ?? position);
    await deliver(position, records);
  };
}
