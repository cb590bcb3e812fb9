import { NO_CHECKPOINTS } from '#libs/checkpoints';
import { type ServiceName, SOURCES, viewApi } from '#libs/contracts';
import { Pepper } from '#libs/database';
import { type InternalClient, Log } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { horizonMs } from '#libs/protocol';
import { EndConfirmer, RemoteViewDirectory, ViewService } from '#libs/revocation-host';
import type { KeyService } from '../../../apps/token/src/keys/key-service.js';
import type { SimulatedClock } from '../clock.js';
import type { Connections } from '../connections.js';
import { logPort, SteppedReader } from '../log-port.js';
import type { Handler, Network } from '../network.js';
import type { Process, Scheduler } from '../scheduler.js';
import { SETTINGS } from '../settings.js';
import type { Rewrite } from '../simulated-database.js';
import { SimulatedDatabase } from '../simulated-database.js';
import type { Watch } from '../watch.js';

export const PEPPER = new Pepper('a pepper of at least thirty-two bytes, for tests');
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
  /** A mutant's own rules of the reader or the view. */
  tamper: Tampering;
}

export interface Tampering {
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
  const time = clock.of(skewMs);
  const connect = logPort(process, scheduler, connections.log);
  const reader = new SteppedReader({ logDatabaseUrl: '', horizonMs: horizon, clock: time, connect, rules: tamper.reader ?? {} });
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
  watch.view(process, views, time);
  const timers = views as unknown as { address: string; renew(): Promise<void> };
  timers.address = `http://${service}`;
  const read = async (source: (typeof SOURCES)[number]) => {
    if (tamper.deafReaders) return;
    watch.reads(process, source);
    await reader.probe(source);
  };
  const chores = { renew: () => timers.renew(), read: () => Promise.all(SOURCES.map(read)) };
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

export function confirmerOf(ground: Ground, process: Process, own: ViewService | null): EndConfirmer {
  const client = clientOf(ground, process);
  return new EndConfirmer({ client, directory: new RemoteViewDirectory(client), waitMs: SETTINGS.confirm_wait_ms, own });
}

export const CHECKS = NO_CHECKPOINTS;
