import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import type { SessionConfig } from '#libs/config';
import { authApi } from '#libs/contracts';
import { type Database, ServerClock } from '#libs/database';
import {
  connectLogTransport,
  kafkaOwner,
  kafkaReader,
  LogOwner,
  LogTransport,
  observeDeadLetters,
  observeGroupReader,
  observeOutbox,
  type PassedReport,
} from '#libs/event-log';
import { createHttpApp, type HttpApp, InternalClient, Log, Readiness, type ServicePorts } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { horizonMs } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { sessionModule } from './app.module.js';
import { DeliveryLoop } from './backchannel/delivery-loop.js';
import { observeDeliveries } from './backchannel/observe-deliveries.js';
import { openSessionDatabase } from './database.js';
import { Reaper } from './expiry/reaper.js';
import { shortenLifetimes } from './expiry/shorten-lifetimes.js';
import { Sweeper } from './expiry/sweeper.js';
import { Lifetimes } from './sessions/lifetimes.js';
import { watchDatabase } from './watch-database.js';

/**
 * apps/session: who is signed in, where, and since when; the end of it, and who is told. It owns the schema `session` and knows no
 * password, no grant and no key. Called by auth and token over the internal API; it calls auth and token only to deliver notices.
 */
export interface RunningSessionApp {
  publicUrl: string;
  internalUrl: string;
  app: NestFastifyApplication;
  close(): Promise<void>;
}

interface Ports extends Partial<ServicePorts> {
  readonly checkpoints?: Checkpoints;
}

export async function createSessionApp(config: SessionConfig, ports: Ports = {}): Promise<RunningSessionApp> {
  const log = Log.open({ level: config.logLevel, service: 'session', instance: config.instanceId });
  const readiness = new Readiness();
  readiness.holdBack('log', 'the database is being looked at');
  const db = await openSessionDatabase(config.databaseUrl, config.instanceId);
  const started: (() => Promise<void>)[] = [() => db.close()];
  const close = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    const checkpoints = ports.checkpoints ?? NO_CHECKPOINTS;
    const owner = ownerOf(db, config, { log, readiness, checkpoints });
    const transport = transportOf(db, config, (report) => http.app.get(InternalClient).call(authApi.logPassed, report), {
      checkpoints,
      log,
    });
    const module = sessionModule({ config, db, relay: owner.relay, transport, checkpoints });
    const http: HttpApp = await createHttpApp(module, {
      config,
      service: 'session',
      readiness,
      logger: log,
      ...(ports.beforeListening ? { beforeListening: ports.beforeListening } : {}),
      sharedClock: await ServerClock.read(db),
    });
    observe(http.app.get(Metrics), db);
    observeGroupReader(http.app.get(Metrics), transport);
    connectLogTransport(http.app, transport);
    started.push(
      () => owner.stop(),
      () => http.close(),
    );
    await shortenLifetimes(db, http.app.get(Lifetimes));
    await http.listen();
    await owner.start();
    const views = http.app.get(ViewService, { strict: false });
    await views.start(http.advertisedUrl);
    started.push(() => views.stop());
    await http.app.startAllMicroservices();
    for (const loop of [watchDatabase(db, readiness), http.app.get(DeliveryLoop), http.app.get(Reaper), http.app.get(Sweeper)]) {
      loop.start();
      started.push(() => loop.stop());
    }
    started.push(() => http.leave());
    return { publicUrl: http.publicUrl, internalUrl: http.internalUrl, app: http.app, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

function observe(metrics: Metrics, db: Database): void {
  observeOutbox(metrics, db, 'session');
  observeDeadLetters(metrics, db, 'session');
  observeDeliveries(metrics, db);
}

interface OwnerPorts {
  readonly log: Log;
  readonly readiness: Readiness;
  readonly checkpoints: Checkpoints;
}

/** Numbers and publishes what the transactions commit, once the database is known to be no restored copy. */
function ownerOf(db: Database, config: SessionConfig, { log, readiness, checkpoints }: OwnerPorts): LogOwner {
  return new LogOwner(db, 'session', {
    dataDir: config.dataDir,
    checkpoints,
    onVerdict: (ok, reason) => readiness.set('log', ok, reason),
    ...kafkaOwner(config.kafka, {
      source: 'session',
      db,
      horizonMs: horizonMs(config.settings),
      onTrouble: (message, details) => log.warn(message, details),
    }),
    onError: (error) => log.warn('the relay was interrupted', { source: 'session' }, error),
    onMoved: (count) => log.error('events nobody read were moved to dead letters', { source: 'session', count }),
  });
}

type Report = (report: PassedReport) => Promise<unknown>;

function transportOf(
  db: Database,
  config: SessionConfig,
  report: Report,
  { checkpoints, log }: Omit<OwnerPorts, 'readiness'>,
): LogTransport {
  return new LogTransport({
    db,
    reader: 'session',
    logDatabaseUrl: config.logDatabaseUrl,
    instanceId: config.instanceId,
    checkpoints,
    ...kafkaReader(config.kafka, {
      reader: 'session',
      logDatabaseUrl: config.logDatabaseUrl,
      onTrouble: (message, details) => log.warn(message, details),
    }),
    report: (_source, passed) => report(passed),
  });
}
