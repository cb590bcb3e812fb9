import type { ReceivedEvent, SourceName } from '#libs/contracts';
import { LogTransport } from '#libs/event-log';
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
  const { scheduler, connections, clock } = ground;
  const transport = new LogTransport({
    db,
    reader,
    logDatabaseUrl: '',
    instanceId: `${process.name} ${process.incarnation}`,
    report: () => Promise.resolve(),
    connect: logPort(process, scheduler, connections.log),
    clock: {
      monotonic: () => clock.now,
      pause: (ms) => scheduler.turn(process, 'pauses before it handles an event again', ms),
      every: () => ({ stop: () => Promise.resolve() }),
    },
  });
  for (const [name, handle] of Object.entries(handlers)) transport.addHandler(name, async (event) => handle(event as ReceivedEvent));
  const stepped = transport as unknown as Stepped;
  return async () => {
    if (stepped.consumers.length === 0) await stepped.add({ source, stream: 'events', partition: 0 });
    for (const { consumer } of stepped.consumers) await consumer.step();
  };
}
