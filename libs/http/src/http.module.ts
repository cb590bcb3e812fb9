import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { ServiceName } from '#libs/contracts';
import { Metrics } from '#libs/metrics';
import { HealthController } from './health.controller.js';
import type { HttpConfig } from './http-config.js';
import { HTTP_CONFIG, SERVICE_NAME } from './http-tokens.js';
import { InternalGuard } from './internal/internal.guard.js';
import { InternalClient } from './internal/internal-client.js';
import { ServiceTokens } from './internal/service-tokens.js';
import { Log } from './log.js';
import { MetricsController } from './metrics.controller.js';
import { Readiness } from './readiness.js';

@Module({})
export class HttpModule {}

/** Puts around an app's root module what every module of it may inject: InternalClient, Readiness, Log, Metrics, ServiceTokens. */
export function withHttp(
  root: Type | DynamicModule,
  given: { config: HttpConfig; service: ServiceName; readiness: Readiness; log: Log; metrics: Metrics; sharedClock: { now(): number } },
): DynamicModule {
  const { config, service, readiness, log, metrics, sharedClock } = given;
  const serviceKeys = { privateJwk: config.serviceKey.privateJwk, publicJwks: config.serviceKeys };
  const tokens = new ServiceTokens(service, serviceKeys, () => Math.floor(sharedClock.now() / 1_000));
  return {
    module: HttpModule,
    global: true,
    imports: [root],
    controllers: [HealthController, MetricsController],
    providers: [
      { provide: HTTP_CONFIG, useValue: config },
      { provide: SERVICE_NAME, useValue: service },
      { provide: Readiness, useValue: readiness },
      { provide: Log, useValue: log },
      { provide: Metrics, useValue: metrics },
      { provide: ServiceTokens, useValue: tokens },
      InternalClient,
      InternalGuard,
    ],
    exports: [HTTP_CONFIG, SERVICE_NAME, Readiness, Log, Metrics, ServiceTokens, InternalClient, InternalGuard],
  };
}
