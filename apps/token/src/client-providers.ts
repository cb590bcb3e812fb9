import type { Provider } from '@nestjs/common';
import { ClientAuthenticator, ClientDirectory, OriginDirectory } from '#libs/clients';
import type { TokenConfig } from '#libs/config';
import { authApi } from '#libs/contracts';
import { Database, Pepper } from '#libs/database';
import { Ephemeral, Sweeper as EphemeralSweeper, openEphemeral } from '#libs/ephemeral';
import { InternalClient, Log, Readiness } from '#libs/http';
import { Metrics } from '#libs/metrics';
import { ViewService } from '#libs/revocation-host';

/** Who is asking: records from auth by cache, dropped through the view; failures counted in the database. */
export function clientProviders({ settings, redis }: Pick<TokenConfig, 'settings' | 'redis'>): Provider[] {
  return [
    {
      provide: Ephemeral,
      inject: [Database, Pepper, Log, Readiness, Metrics],
      useFactory: (sql: Database, pepper: Pepper, log: Log, readiness: Readiness, metrics: Metrics) =>
        openEphemeral({ config: { redis }, sql, pepper, log, readiness, metrics }),
    },
    {
      provide: EphemeralSweeper,
      inject: [Ephemeral, Log],
      useFactory: (ephemeral: Ephemeral, log: Log) =>
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
      inject: [ClientDirectory, Ephemeral, Pepper],
      useFactory: (directory: ClientDirectory, ephemeral: Ephemeral, pepper: Pepper) =>
        new ClientAuthenticator(directory, ephemeral.counter('client_authentication'), pepper),
    },
  ];
}
