import { type DynamicModule, Module, type Type } from '@nestjs/common';
import type { ServiceName } from '#libs/contracts';
import { HealthController } from './health.controller.js';
import type { HttpConfig } from './http-config.js';
import { HTTP_CONFIG, SERVICE_NAME } from './http-tokens.js';
import { InternalGuard } from './internal/internal.guard.js';
import { InternalClient } from './internal/internal-client.js';
import { ServiceTokens } from './internal/service-tokens.js';
import { Log } from './log.js';
import { Readiness } from './readiness.js';

@Module({})
export class HttpModule {}

/** Puts around an app's root module what every module of it may inject: InternalClient, Readiness, Log, ServiceTokens. */
export function withHttp(
  root: Type | DynamicModule,
  given: { config: HttpConfig; service: ServiceName; readiness: Readiness; log: Log },
): DynamicModule {
  const { config, service, readiness, log } = given;
  const tokens = new ServiceTokens(service, { privateJwk: config.serviceKey.privateJwk, publicJwks: config.serviceKeys });
  return {
    module: HttpModule,
    global: true,
    imports: [root],
    controllers: [HealthController],
    providers: [
      { provide: HTTP_CONFIG, useValue: config },
      { provide: SERVICE_NAME, useValue: service },
      { provide: Readiness, useValue: readiness },
      { provide: Log, useValue: log },
      { provide: ServiceTokens, useValue: tokens },
      InternalClient,
      InternalGuard,
    ],
    exports: [HTTP_CONFIG, SERVICE_NAME, Readiness, Log, ServiceTokens, InternalClient, InternalGuard],
  };
}
