import { type DynamicModule, Module } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { ClientDirectory, OriginDirectory } from '#libs/clients';
import type { AuthConfig } from '#libs/config';
import { Database, Pepper } from '#libs/database';
import { Ephemeral, openEphemeral } from '#libs/ephemeral';
import { Outbox, Relay } from '#libs/event-log';
import { Log, Readiness } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { ViewService } from '#libs/revocation-host';
import { ClientStore } from './clients/clients.store.js';
import { ConsentStore } from './consents/consents.store.js';
import { AUTH_CONFIG, CHECKPOINTS } from './ports.js';
import { HashingQueue } from './users/hashing-queue.js';
import { UserStore } from './users/users.store.js';
import { VerifyPassword } from './users/verify-password.js';

export interface AuthParts {
  readonly config: AuthConfig;
  readonly db: Database;
  readonly relay: Relay;
  readonly checkpoints: Checkpoints;
}

@Module({})
class PartsModule {}

/** What every module of auth may inject: the database and what stands directly on it. */
export function partsModule({ config, db, relay, checkpoints }: AuthParts): DynamicModule {
  const pepper = new Pepper(config.pepper);
  const providers = [
    { provide: AUTH_CONFIG, useValue: config },
    { provide: CHECKPOINTS, useValue: checkpoints },
    { provide: Database, useValue: db },
    { provide: Relay, useValue: relay },
    { provide: Outbox, useValue: new Outbox('auth', config.kafka?.partitions) },
    { provide: Pepper, useValue: pepper },
    {
      provide: Ephemeral,
      inject: [Log, Readiness, Metrics],
      useFactory: (log: Log, readiness: Readiness, metrics: Metrics) => openEphemeral({ config, sql: db, pepper, log, readiness, metrics }),
    },
    UserStore,
    { provide: HashingQueue, useFactory: () => new HashingQueue() },
    VerifyPassword,
    ClientStore,
    ConsentStore,
    { provide: ClientDirectory, inject: [ClientStore, ViewService], useFactory: clientsByCache(config) },
    { provide: OriginDirectory, inject: [ClientStore, ViewService], useFactory: originsByCache },
  ];
  return {
    module: PartsModule,
    global: true,
    providers,
    exports: providers.map((provider) => ('provide' in provider ? provider.provide : provider)),
  };
}

function clientsByCache(config: AuthConfig) {
  return (source: ClientStore, views: ViewService) => {
    const directory = new ClientDirectory({ source, settings: config.settings, view: views.view });
    views.onClientChanged((clientId) => directory.changed(clientId));
    return directory;
  };
}

function originsByCache(clients: ClientStore, views: ViewService): OriginDirectory {
  const origins = new OriginDirectory((origin) => clients.hasBrowserOrigin(origin));
  views.onClientChanged(() => origins.forget());
  return origins;
}
