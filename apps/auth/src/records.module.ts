import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import type { Checkpoints } from '#libs/checkpoints';
import { ClientDirectory, OriginDirectory } from '#libs/clients';
import type { AuthConfig } from '#libs/config';
import { Database, Pepper } from '#libs/database';
import { Outbox, Relay } from '#libs/event-log';
import { ViewService } from '#libs/revocation-host';
import { AfterChange } from './changes/after-change.js';
import { ClientStore } from './clients/clients.store.js';
import { SetClientDisabled } from './clients/set-client-disabled.js';
import { ConfigurationImport } from './configuration-import/configuration-import.js';
import { StartReport } from './configuration-import/start-report.js';
import { ConsentStore } from './consents/consents.store.js';
import { RevokeConsent } from './consents/revoke-consent.js';
import { DiscoveryController } from './discovery/discovery.controller.js';
import { ProviderMetadata } from './discovery/provider-metadata.js';
import { ClientsController } from './internal/clients.controller.js';
import { ConsentsController } from './internal/consents.controller.js';
import { LogController } from './internal/log.controller.js';
import { SubjectsController } from './internal/subjects.controller.js';
import { AUTH_CONFIG, CHECKPOINTS } from './ports.js';
import { ACCESS_TOKEN_READER } from './userinfo/access-token-reader.js';
import { UserinfoController } from './userinfo/userinfo.controller.js';
import { UserinfoEndpoint } from './userinfo/userinfo.endpoint.js';
import { HashingQueue } from './users/hashing-queue.js';
import { SetSubjectDisabled } from './users/set-subject-disabled.js';
import { UserStore } from './users/users.store.js';
import { VerifyPassword } from './users/verify-password.js';

export interface RecordsOptions {
  config: AuthConfig;
  db: Database;
  relay: Relay;
  checkpoints: Checkpoints;
}

const STORES: Provider[] = [UserStore, VerifyPassword, ClientStore, ConsentStore];
const CHANGES: Provider[] = [AfterChange, SetSubjectDisabled, SetClientDisabled, RevokeConsent, ConfigurationImport, StartReport];
const DIRECTORIES: Provider[] = [
  {
    provide: ClientDirectory,
    inject: [ClientStore, ViewService, AUTH_CONFIG],
    useFactory: (source: ClientStore, views: ViewService, { settings }: AuthConfig) => {
      const directory = new ClientDirectory({ source, settings, view: views.view });
      views.onClientChanged((clientId) => directory.changed(clientId));
      return directory;
    },
  },
  {
    provide: OriginDirectory,
    inject: [ClientStore, ViewService],
    useFactory: (clients: ClientStore, views: ViewService) => {
      const directory = new OriginDirectory((origin) => clients.hasBrowserOrigin(origin));
      views.onClientChanged(() => directory.forget());
      return directory;
    },
  },
];

@Module({})
export class RecordsModule {}

/**
 * What auth holds and answers about people, clients and consents: stores, changes, import, discovery, userinfo, internal API. Global:
 * the pages inject the stores. app.ts makes database and relay, and runs ConfigurationImport before it listens.
 */
export function recordsModule({ config, db, relay, checkpoints }: RecordsOptions): DynamicModule {
  const given: Provider[] = [
    { provide: AUTH_CONFIG, useValue: config },
    { provide: CHECKPOINTS, useValue: checkpoints },
    { provide: Database, useValue: db },
    { provide: Relay, useValue: relay },
    { provide: Outbox, useValue: new Outbox('auth') },
    { provide: Pepper, useValue: new Pepper(config.pepper) },
    { provide: HashingQueue, useValue: new HashingQueue() },
  ];
  const providers = [...given, ...STORES, ...CHANGES, ...DIRECTORIES];
  return {
    module: RecordsModule,
    global: true,
    controllers: [DiscoveryController, UserinfoController, ClientsController, SubjectsController, ConsentsController, LogController],
    providers: [...providers, ProviderMetadata, ...ACCESS_TOKEN_READER, UserinfoEndpoint],
    exports: providers.map((provider) => (typeof provider === 'function' ? provider : provider.provide)),
  };
}
