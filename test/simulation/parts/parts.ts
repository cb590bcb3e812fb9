import { NO_CHECKPOINTS } from '#libs/checkpoints';
import { type ServiceName, SOURCES, type SourceName, viewApi } from '#libs/contracts';
import { Pepper } from '#libs/database';
import { KafkaPublisher, Relay, type Ticker } from '#libs/event-log';
import { type InternalClient, Log } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { horizonMs } from '#libs/protocol';
import type { Clock } from '#libs/revocation';
import { EndConfirmer, RemoteViewDirectory, ViewService } from '#libs/revocation-host';
import type { KeyService } from '../../../apps/token/src/keys/key-service.js';
import type { SimulatedClock } from '../clock.js';
import type { Connections } from '../connections.js';
import { alter } from '../kafka/altered-publisher.js';
import { BrokerError } from '../kafka/broker.js';
import { type KafkaGround, kafkaOf } from '../kafka/client.js';
import { type KafkaTampering, SteppedKafkaReader } from '../kafka/reader.js';
import { logPort, SteppedReader } from '../log-port.js';
import type { Handler, Network } from '../network.js';
import type { Process, Scheduler } from '../scheduler.js';
import { SETTINGS } from '../settings.js';
import type { Rewrite } from '../simulated-database.js';
import { SimulatedDatabase } from '../simulated-database.js';
import type { Watch } from '../watch.js';

export const PEPPER = new Pepper('a pepper of at least thirty-two bytes, for tests');
/** More than any seed has. */
const STEPS_A_MILLISECOND = 1_000_000;
export const METRICS = new Metrics();
export const LOG = Log.open({ level: 'silent', service: 'simulation' });

/** What a seed lends to its processes. */
export interface Ground {
  scheduler: Scheduler;
  clock: SimulatedClock;
  network: Network;
  connections: Record<'auth' | 'session' | 'token' | 'log', Connections>;
  keys: KeyService;
  rewrite: Rewrite;
  watch: Watch;
  /** Null: the database is the log. */
  kafka: KafkaGround | null;
  /** A mutant's own rules of the reader or the view. */
  tamper: Tampering;
}

export interface Tampering {
  kafka?: KafkaTampering;
  /** Group readers commit their position first, and handle then. */
  commitsFirst?: boolean;
  reader?: ConstructorParameters<typeof SteppedReader>[0]['rules'];
  /** Of the introspection service alone: what it asks instead of its view. */
  views?: (views: ViewService) => ViewService;
  /** Judged when it is decided and not again when it is sent. */
  noSecondJudgement?: boolean;
  /** Views hear nothing from the log. */
  deafReaders?: boolean;
}

/** One running service: what it serves, and what it does by itself. */
export interface Running {
  process: Process;
  handlers: ReadonlyMap<string, Handler>;
  /** Pieces of work that its timers would start, by name. */
  chores: Readonly<Record<string, () => Promise<unknown>>>;
  views: ViewService | null;
}

export function databaseOf(ground: Ground, process: Process, service: 'auth' | 'session' | 'token'): SimulatedDatabase {
  const { scheduler, rewrite, watch } = ground;
  return new SimulatedDatabase(process, {
    scheduler,
    rewrite,
    connections: ground.connections[service],
    slowness: () => ground.network.slowness(),
    onCommit: () => watch.committed(),
  });
}

export function clientOf(ground: Ground, process: Process): InternalClient {
  return ground.network.client(process) as InternalClient;
}

/** The view of a process, its reader, and the chores that keep them going. */
export function viewOf(ground: Ground, process: Process, service: ServiceName, skewMs: number) {
  const { clock, scheduler, connections, watch, tamper } = ground;
  const horizon = horizonMs(SETTINGS);
  const time = ground.kafka ? telling(clock.of(skewMs), scheduler) : clock.of(skewMs);
  const connect = logPort(process, scheduler, connections.log);
  const read = { logDatabaseUrl: '', horizonMs: horizon, clock: time, connect };
  const kafka = ground.kafka && new SteppedKafkaReader(ground.kafka, process, scheduler, read, tamper.kafka ?? {});
  const reader = kafka ?? new SteppedReader({ ...read, rules: tamper.reader ?? {} });
  const registry = new RemoteViewDirectory(clientOf(ground, process));
  const readiness = { set: () => undefined };
  const options = {
    service,
    sources: SOURCES,
    horizonMs: horizon,
    boundMs: SETTINGS.freshness_bound_ms,
    clock: time,
    reader,
    registry,
    readiness,
  };
  const views = new ViewService(options);
  watch.view(process, views, ground.kafka !== null);
  const timers = views as unknown as { address: string; renew(): Promise<void> };
  timers.address = `http://${service}`;
  const readOne = async (source: (typeof SOURCES)[number]) => {
    if (tamper.deafReaders) return;
    watch.reads(process, source, time.monotonic());
    await reader.probe(source);
  };
  const chores = {
    renew: () => timers.renew(),
    read: () => Promise.all(SOURCES.map(readOne)),
    ...(kafka ? { join: () => kafka.join() } : {}),
  };
  const hint: Handler = async ({ entries }: { entries: Parameters<ViewService['receive']>[0] }) => {
    views.receive(entries, 'hint');
    return {};
  };
  return {
    views,
    chores,
    handlers: [[viewApi.hint.path, hint]] satisfies [string, Handler][] as [string, Handler][],
  };
}

/** The milliseconds' fraction says the step, so that a proof tells at which it was sent for. */
function telling({ monotonic, wall }: Clock, scheduler: Scheduler): Clock {
  return { monotonic: () => monotonic() + scheduler.steps / STEPS_A_MILLISECOND, wall };
}

interface Relaying {
  relay: Relay;
  chores: Running['chores'];
}

/** What numbers the owner's rows, and with Kafka what publishes them. */
export function relayOf(ground: Ground, process: Process, db: SimulatedDatabase, source: SourceName): Relaying {
  const { kafka, tamper, scheduler } = ground;
  if (!kafka) {
    const relay = new Relay(db, source);
    return { relay, chores: { relay: () => relay.stepAll() } };
  }
  const onError = (error: unknown) => {
    if (!(error instanceof BrokerError)) ground.watch.violate(`${process.name} could not publish: ${String(error)}`);
  };
  const batch = scheduler.random.pick([1, 2, 500]);
  const publisher = new KafkaPublisher(db, source, kafkaOf(kafka, process), { batch, onError });
  if (tamper.kafka?.publisher) alter(publisher, tamper.kafka.publisher);
  const publish = () => ticked(publisher).ticker.run();
  const offer = (results: Parameters<KafkaPublisher['offer']>[0]) => {
    publisher.offer(results);
    void publish();
  };
  const relay = new Relay(db, source, { publisher: { offer, start: () => undefined, stop: () => Promise.resolve() } });
  return { relay, chores: { relay: () => relay.stepAll(), publish } };
}

/** As its own timer would run it: never twice at once, and what goes wrong is tried again. */
function ticked(publisher: KafkaPublisher): { ticker: Ticker } {
  return publisher as unknown as { ticker: Ticker };
}

export function confirmerOf(ground: Ground, process: Process, own: ViewService | null): EndConfirmer {
  const client = clientOf(ground, process);
  return new EndConfirmer({ client, directory: new RemoteViewDirectory(client), waitMs: SETTINGS.confirm_wait_ms, own });
}

export const CHECKS = NO_CHECKPOINTS;
