/**
 * apps/introspect answers RFC 7662: is this token still good, for this caller. It owns no table and no key; it judges by the
 * revocation view in memory and opens tokens with keys that the token service hands out. Resource servers and gateways call it.
 */
import type { Type } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { type Checkpoints, NO_CHECKPOINTS } from '#libs/checkpoints';
import type { IntrospectConfig } from '#libs/config';
import { openDatabase, ServerClock } from '#libs/database';
import { createHttpApp, Log, type ServicePorts } from '#libs/http';
import { type Clock, systemClock } from '#libs/revocation';
import { ViewService } from '#libs/revocation-host';
import { AppModule } from './app.module.js';
import { AuthzEndpoint } from './authz/authz.endpoint.js';
import { installAuthz } from './authz/authz-route.js';
import { Feed } from './feed/feed.js';
import { IntrospectionEndpoint } from './introspection/introspection.endpoint.js';
import { installIntrospection, shortenIntrospection } from './introspection/introspection-route.js';
import { PendingVerdicts } from './introspection/pending-verdicts.js';
import { KeyWarmUp } from './keys/key-warm-up.js';

export interface RunningIntrospectApp {
  readonly publicUrl: string;
  readonly internalUrl: string;
  readonly app: NestFastifyApplication;
  close(): Promise<void>;
}

export interface IntrospectPorts extends Partial<ServicePorts> {
  readonly checkpoints?: Checkpoints;
  readonly clock?: Clock;
}

export async function createIntrospectApp(config: IntrospectConfig, ports: IntrospectPorts = {}): Promise<RunningIntrospectApp> {
  // for the counter of failed client authentications, and the server's clock: nothing of an introspection is in a database
  const database = await openDatabase({
    url: config.databaseUrl,
    schema: 'ephemeral',
    poolSize: 2,
    entities: [],
    migrations: [],
    applicationName: config.instanceId,
  });
  const logger = Log.open({ level: config.logLevel, service: 'introspect', instance: config.instanceId });
  const checkpoints = ports.checkpoints ?? NO_CHECKPOINTS;
  const clock = ports.clock ?? systemClock;
  try {
    const http = await createHttpApp(AppModule.of({ config, database, checkpoints, clock }), {
      config,
      service: 'introspect',
      logger,
      ...(ports.beforeListening ? { beforeListening: ports.beforeListening } : {}),
      sharedClock: await ServerClock.read(database),
      // AsyncLocalStorage costs on every tick and promise of the process; who calls on behalf of a request says which
      requestContext: false,
    });
    const { app } = http;
    const part = <T>(of: Type<T>): T => app.get(of, { strict: false });
    const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
    PendingVerdicts.install(fastify);
    installIntrospection(fastify, part(IntrospectionEndpoint), part(PendingVerdicts));
    shortenIntrospection(http, part(IntrospectionEndpoint));
    installAuthz(fastify, part(AuthzEndpoint), part(PendingVerdicts));
    const [view, keys] = [app.get(ViewService, { strict: false }), app.get(KeyWarmUp, { strict: false })];
    await http.listen();
    // hints are served from here on, so an end either finds this view registered or is found by its bootstrap
    await Promise.all([view.start(http.advertisedUrl), keys.start()]);
    return {
      publicUrl: http.publicUrl,
      internalUrl: http.internalUrl,
      app,
      async close() {
        await http.leave();
        // streams end by themselves never; the listeners would wait for them
        app.get(Feed, { strict: false }).leave();
        await http.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
