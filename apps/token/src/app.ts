import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import { OriginDirectory } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import { authApi, type SourceName, sessionApi } from '#libs/contracts';
import { type Database, ServerClock } from '#libs/database';
import { Sweeper as EphemeralSweeper, prepareEphemeralSchema } from '#libs/ephemeral';
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
import { tokenModule } from './app.module.js';
import { openTokenDatabase } from './database.js';
import { KeyService } from './keys/key-service.js';
import { Sweeper } from './retention/sweeper.js';
import { watchDatabase } from './watch-database.js';

/**
 * apps/token: what a client may do for whom, and the tokens that say so. It owns the schema `token` (grants, codes, keys) and every
 * signing key; it knows no password and no session but by asking. Called by clients (/token, /revoke, /jwks) and by auth, session and
 * introspect over the internal API; it calls session for truth and auth for client records.
 */
export interface RunningTokenApp {
  publicUrl: string;
  internalUrl: string;
  app: NestFastifyApplication;
  close(): Promise<void>;
}

/** What scripts of `browser` clients call (DESIGN, Decided). */
const CORS_PATHS = ['/token', '/revoke', '/jwks'];

interface Ports extends Partial<ServicePorts> {
  readonly checkpoints?: Checkpoints;
}

export async function createTokenApp(config: TokenConfig, ports: Ports = {}): Promise<RunningTokenApp> {
  const log = Log.open({ level: config.logLevel, service: 'token', instance: config.instanceId });
  const readiness = new Readiness();
  readiness.holdBack('log', 'the database is being looked at');
  const db = await openTokenDatabase(config.databaseUrl, config.instanceId);
  const started: (() => Promise<void>)[] = [() => db.close()];
  // Each in turn, whatever became of the one before: a pool left open keeps a process alive that was told to end.
  const close = async () => {
    const failures: unknown[] = [];
    for (const stop of started.splice(0).reverse()) await stop().catch((error: unknown) => failures.push(error));
    if (failures.length > 0) throw failures[0];
  };
  try {
    await prepareEphemeralSchema(db);
    const checkpoints = ports.checkpoints ?? NO_CHECKPOINTS;
    const owner = ownerOf(db, config, { log, readiness, checkpoints });
    const internal = () => http.app.get(InternalClient);
    const transport = transportOf(db, config, internal, { checkpoints, log });
    const http: HttpApp = await createHttpApp(tokenModule({ config, db, log: owner, transport, checkpoints }), {
      config,
      service: 'token',
      readiness,
      logger: log,
      ...(ports.beforeListening ? { beforeListening: ports.beforeListening } : {}),
      sharedClock: await ServerClock.read(db),
    });
    const { app } = http;
    const [keys, views, origins] = [app.get(KeyService), app.get(ViewService), app.get(OriginDirectory)];
    observeOutbox(app.get(Metrics), db, 'token');
    observeDeadLetters(app.get(Metrics), db, 'token');
    observeGroupReader(app.get(Metrics), transport);
    connectLogTransport(app, transport);
    views.onKeyRevoked((kid) => void keys.drop(kid).catch((error: unknown) => log.warn('the keys are not read again yet', { kid }, error)));
    http.cors({ paths: CORS_PATHS, allowed: (origin) => origins.allowed(origin) });
    started.push(
      () => owner.stop(),
      () => keys.stop(),
      () => http.close(),
    );
    // Others wait for the sealing keys, so they are there before anybody can ask.
    await keys.start();
    await http.listen();
    await owner.start();
    await views.start(http.advertisedUrl);
    await app.startAllMicroservices();
    for (const loop of [watchDatabase(db, readiness), app.get(Sweeper), app.get(EphemeralSweeper)]) {
      loop.start();
      started.push(() => loop.stop());
    }
    started.push(() => http.leave());
    return { publicUrl: http.publicUrl, internalUrl: http.internalUrl, app, close };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}

interface OwnerPorts {
  readonly log: Log;
  readonly readiness: Readiness;
  readonly checkpoints: Checkpoints;
}

/** Numbers and publishes what the transactions commit, once the database is known to be no restored copy. */
function ownerOf(db: Database, config: TokenConfig, { log, readiness, checkpoints }: OwnerPorts): LogOwner {
  return new LogOwner(db, 'token', {
    dataDir: config.dataDir,
    checkpoints,
    onVerdict: (ok, reason) => readiness.set('log', ok, reason),
    ...kafkaOwner(config.kafka, {
      source: 'token',
      db,
      horizonMs: horizonMs(config.settings),
      onTrouble: (message, details) => log.warn(message, details),
    }),
    onError: (error) => log.warn('the relay was interrupted', { source: 'token' }, error),
    onMoved: (count) => log.error('events nobody read were moved to dead letters', { source: 'token', count }),
  });
}

function transportOf(
  db: Database,
  config: TokenConfig,
  internal: () => InternalClient,
  { checkpoints, log }: Omit<OwnerPorts, 'readiness'>,
): LogTransport {
  const report = (source: SourceName, passed: PassedReport) => {
    const api = source === 'auth' ? authApi : sessionApi;
    return internal().call(api.logPassed, passed);
  };
  return new LogTransport({
    db,
    reader: 'token',
    logDatabaseUrl: config.logDatabaseUrl,
    instanceId: config.instanceId,
    checkpoints,
    ...kafkaReader(config.kafka, {
      reader: 'token',
      logDatabaseUrl: config.logDatabaseUrl,
      onTrouble: (message, details) => log.warn(message, details),
    }),
    report,
  });
}
