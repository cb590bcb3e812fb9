import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import { OriginDirectory } from '#libs/clients';
import type { AuthConfig } from '#libs/config';
import { type Database, ServerClock } from '#libs/database';
import { Ephemeral, prepareEphemeralSchema, Sweeper } from '#libs/ephemeral';
import { kafkaOwner, LogOwner, observeOutbox } from '#libs/event-log';
import { createHttpApp, Log, Readiness, type ServicePorts } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { horizonMs } from '#libs/protocol';
import { ViewService } from '#libs/revocation-host';
import { authModule } from './app.module.js';
import { openAuthDatabase } from './database.js';
import { wellKnownPaths } from './discovery/well-known-paths.js';
import { errorPages } from './pages/error-page.js';
import { siteOf } from './pages/layout.js';
import { HashingQueue } from './users/hashing-queue.js';
import { observeHashing } from './users/observe-hashing.js';

/**
 * apps/auth: who people and clients are, what they may, and what people agreed to; the pages a person sees. It owns the schema `auth` and
 * the passwords; it holds no session and no grant and signs nothing. Browsers, clients and the other services call it.
 */
export interface RunningAuthApp {
  readonly publicUrl: string;
  readonly internalUrl: string;
  readonly app: NestFastifyApplication;
  close(): Promise<void>;
}

interface Ports extends Partial<ServicePorts> {
  readonly checkpoints?: Checkpoints;
}

export async function createAuthApp(config: AuthConfig, ports: Ports = {}): Promise<RunningAuthApp> {
  const log = Log.open({ level: config.logLevel, service: 'auth', instance: config.instanceId });
  const readiness = new Readiness();
  readiness.holdBack('log', 'the database is being looked at');
  const db = await openAuthDatabase(config.databaseUrl, config.instanceId);
  const started: (() => Promise<void>)[] = [() => db.close()];
  const close = async () => {
    for (const stop of started.splice(0).reverse()) await stop();
  };
  try {
    await prepareEphemeralSchema(db);
    const checkpoints = ports.checkpoints ?? NO_CHECKPOINTS;
    const owner = ownerOf(db, config, { log, readiness, checkpoints });
    const module = authModule({ config, db, relay: owner.relay, checkpoints });
    const http = await createHttpApp(module, {
      config,
      service: 'auth',
      readiness,
      logger: log,
      ...(ports.beforeListening ? { beforeListening: ports.beforeListening } : {}),
      sharedClock: await ServerClock.read(db),
      ownErrors: errorPages(siteOf(config.issuer)),
    });
    const views = http.app.get(ViewService, { strict: false });
    const origins = http.app.get(OriginDirectory, { strict: false });
    const sweeper = new Sweeper(http.app.get(Ephemeral, { strict: false }), (error) => log.warn('sweep failed', {}, error));
    observeOutbox(http.app.get(Metrics), db, 'auth');
    observeHashing(http.app.get(Metrics), http.app.get(HashingQueue, { strict: false }));
    // What scripts of `browser` clients call here (DESIGN, Decided). Never /authorize.
    http.cors({ paths: ['/userinfo', ...wellKnownPaths(config.issuer)], allowed: (origin) => origins.allowed(origin) });
    started.push(
      () => owner.stop(),
      () => views.stop(),
      () => sweeper.stop(),
      () => http.close(),
    );
    await http.listen();
    await Promise.all([owner.start(), views.start(http.advertisedUrl)]);
    sweeper.start();
    return { publicUrl: http.publicUrl, internalUrl: http.internalUrl, app: http.app, close };
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
function ownerOf(db: Database, config: AuthConfig, { log, readiness, checkpoints }: OwnerPorts): LogOwner {
  return new LogOwner(db, 'auth', {
    dataDir: config.dataDir,
    checkpoints,
    onVerdict: (ok, reason) => readiness.set('log', ok, reason),
    ...kafkaOwner(config.kafka, {
      source: 'auth',
      db,
      horizonMs: horizonMs(config.settings),
      onTrouble: (message, details) => log.warn(message, details),
    }),
    onError: (error) => log.warn('the relay was interrupted', { source: 'auth' }, error),
    onMoved: (count) => log.error('events nobody read were moved to dead letters', { source: 'auth', count }),
  });
}
