import { type BeforeApplicationShutdown, Module, type OnModuleInit } from '@nestjs/common';
import { ClientAuthenticator, ClientDirectory } from '#libs/clients';
import type { IntrospectConfig } from '#libs/config';
import { authApi } from '#libs/contracts';
import { Database, Pepper } from '#libs/database';
import { PostgresEphemeral, prepareEphemeralSchema, Sweeper } from '#libs/ephemeral';
import { InternalClient, Log } from '#libs/http';
import { ViewService } from '#libs/revocation-host';
import { INTROSPECT_CONFIG } from '../tokens.js';
import { AuthenticateCaller } from './authenticate-caller.js';

@Module({
  providers: [
    { provide: Pepper, inject: [INTROSPECT_CONFIG], useFactory: (config: IntrospectConfig) => new Pepper(config.pepper) },
    {
      provide: PostgresEphemeral,
      inject: [Database, Pepper],
      useFactory: (database: Database, pepper: Pepper) => new PostgresEphemeral(database, pepper),
    },
    {
      provide: Sweeper,
      inject: [PostgresEphemeral, Log],
      useFactory: (ephemeral: PostgresEphemeral, log: Log) =>
        new Sweeper(ephemeral, (error) => log.warn('expired counters were not swept', {}, error)),
    },
    {
      provide: ClientDirectory,
      inject: [InternalClient, ViewService, INTROSPECT_CONFIG],
      useFactory: (internal: InternalClient, { view }: ViewService, { settings }: IntrospectConfig) =>
        new ClientDirectory({
          source: { read: async (client_id) => (await internal.call(authApi.client, { client_id })).client },
          settings,
          view,
        }),
    },
    {
      provide: ClientAuthenticator,
      inject: [ClientDirectory, PostgresEphemeral, Pepper],
      useFactory: (directory: ClientDirectory, ephemeral: PostgresEphemeral, pepper: Pepper) =>
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
