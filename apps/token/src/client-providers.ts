import type { Provider } from '@nestjs/common';
import { ClientAuthenticator, ClientDirectory, OriginDirectory } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import { authApi } from '#libs/contracts';
import { Database, Pepper } from '#libs/database';
import { Sweeper as EphemeralSweeper, PostgresEphemeral } from '#libs/ephemeral';
import { InternalClient, Log } from '#libs/http';
import { ViewService } from '#libs/revocation-host';

/** Who is asking: records from auth by cache, dropped through the view; failures counted in the database. */
export function clientProviders({ settings }: Pick<TokenConfig, 'settings'>): Provider[] {
  return [
    {
      provide: PostgresEphemeral,
      inject: [Database, Pepper],
      useFactory: (db: Database, pepper: Pepper) => new PostgresEphemeral(db, pepper),
    },
    {
      provide: EphemeralSweeper,
      inject: [PostgresEphemeral, Log],
      useFactory: (ephemeral: PostgresEphemeral, log: Log) =>
        new EphemeralSweeper(ephemeral, (error) => log.warn('expired counters were not swept', {}, error)),
    },
    {
      provide: ClientDirectory,
      inject: [InternalClient, ViewService],
      useFactory: (internal: InternalClient, views: ViewService) => {
        const source = { read: async (client_id: string) => (await internal.call(authApi.client, { client_id })).client };
        const directory = new ClientDirectory({ source, settings, view: views.view });
        views.onClientChanged((clientId) => directory.changed(clientId));
        return directory;
      },
    },
    {
      provide: OriginDirectory,
      inject: [InternalClient, ViewService],
      useFactory: (internal: InternalClient, views: ViewService) => {
        const origins = new OriginDirectory(async (origin) => (await internal.call(authApi.browserOrigin, { origin })).allowed);
        views.onClientChanged(() => origins.forget());
        return origins;
      },
    },
    {
      provide: ClientAuthenticator,
      inject: [ClientDirectory, PostgresEphemeral, Pepper],
      useFactory: (directory: ClientDirectory, ephemeral: PostgresEphemeral, pepper: Pepper) =>
        new ClientAuthenticator(directory, ephemeral.counter('client_authentication'), pepper),
    },
  ];
}
