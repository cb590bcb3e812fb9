import { type BeforeApplicationShutdown, Module, type OnModuleInit } from '@nestjs/common';
import { ClientAuthenticator, ClientDirectory } from '#libs/clients';
import type { IntrospectConfig } from '#libs/config';
import { authApi } from '#libs/contracts';
import { Database, Pepper } from '#libs/database';
import { Ephemeral, openEphemeral, prepareEphemeralSchema, Sweeper } from '#libs/ephemeral';
import { InternalClient, Log, Readiness } from '#libs/http';
import { Metrics } from '#libs/metrics';
import type { Clock } from '#libs/revocation';
import { ViewService } from '#libs/revocation-host';
import { CLOCK, INTROSPECT_CONFIG } from '../tokens.js';
import { AuthenticateCaller } from './authenticate-caller.js';

@Module({
  providers: [
    { provide: Pepper, inject: [INTROSPECT_CONFIG], useFactory: (config: IntrospectConfig) => new Pepper(config.pepper) },
    {
      provide: Ephemeral,
      inject: [Database, Pepper, Log, Readiness, Metrics, INTROSPECT_CONFIG],
      useFactory: (sql: Database, pepper: Pepper, log: Log, readiness: Readiness, metrics: Metrics, config: IntrospectConfig) =>
        openEphemeral({ config, sql, pepper, log, readiness, metrics }),
    },
    {
      provide: Sweeper,
      inject: [Ephemeral, Log],
      useFactory: (ephemeral: Ephemeral, log: Log) =>
        new Sweeper(ephemeral, (error) => log.warn('expired counters were not swept', {}, error)),
    },
    {
      provide: ClientDirectory,
      inject: [InternalClient, ViewService, CLOCK, INTROSPECT_CONFIG],
      useFactory: (internal: InternalClient, { view }: ViewService, clock: Clock, { settings }: IntrospectConfig) =>
        new ClientDirectory({
          source: { read: async (client_id) => (await internal.call(authApi.client, { client_id })).client },
          settings,
          view,
          // no answer waits for auth while the view is fresh, unless the client is new here or has changed
          rereadBehind: true,
          now: () => clock.monotonic(),
        }),
    },
    {
      provide: ClientAuthenticator,
      inject: [ClientDirectory, Ephemeral, Pepper],
      useFactory: (directory: ClientDirectory, ephemeral: Ephemeral, pepper: Pepper) =>
        new ClientAuthenticator(directory, ephemeral.counter('client_authentication'), pepper),
    },
    AuthenticateCaller,
  ],
  exports: [AuthenticateCaller],
})
export class CallersModule implements OnModuleInit, BeforeApplicationShutdown {
  constructor(
    private readonly views: ViewService,
    private readonly directory: ClientDirectory,
    private readonly database: Database,
    private readonly sweeper: Sweeper,
  ) {}

  async onModuleInit(): Promise<void> {
    await prepareEphemeralSchema(this.database);
    this.views.onClientChanged((clientId) => this.directory.changed(clientId));
    this.sweeper.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.sweeper.stop();
  }
}
