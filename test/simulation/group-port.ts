import type { ReceivedEvent, SourceName } from '#libs/contracts';
import { LogTransport } from '#libs/event-log';
import { SteppedEventSource } from './kafka/event-source.js';
import { logPort } from './log-port.js';
import type { Ground } from './parts/parts.js';
import type { Process } from './scheduler.js';
import type { SimulatedDatabase } from './simulated-database.js';

interface Stepped {
  add(id: { source: SourceName; stream: 'events'; partition: number }): Promise<void>;
  consumers: { consumer: { step(): Promise<void> } }[];
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
  const events = ground.kafka && new SteppedEventSource(ground.kafka, process, { reader, sources: [source], connect, logDatabaseUrl: '' });
  const transport = new LogTransport({
    db,
    reader,
    logDatabaseUrl: '',
    instanceId: `${process.name} ${process.incarnation}`,
    report: () => Promise.resolve(),
    connect,
    ...(events ? { events } : {}),
    rules: tamper.delivery ?? {},
    clock: {
      monotonic: () => clock.now,
      pause: (ms) => scheduler.turn(process, 'pauses before it handles an event again', ms),
      every: () => ({ stop: () => Promise.resolve() }),
    },
  });
  for (const [name, handle] of Object.entries(handlers)) transport.addHandler(name, async (event) => handle(event as ReceivedEvent));
  const stepped = transport as unknown as Stepped;
  return async () => {
    for (let partition = stepped.consumers.length; partition < partitions; partition++)
      await stepped.add({ source, stream: 'events', partition });
    // Beside the steps, as their own timers would have it.
    void events?.join();
    await Promise.all(stepped.consumers.map(({ consumer }) => consumer.step()));
    void events?.commitOffsets();
  };
}
