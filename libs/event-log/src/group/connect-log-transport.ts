import type { INestApplication, INestMicroservice } from '@nestjs/common';
import { NestMicroservice } from '@nestjs/microservices/nest-microservice.js';
import { HandlerErrorsFilter } from './handler-errors.filter.js';
import type { LogTransport } from './log-transport.js';

/**
 * Adds the transport to an HTTP application; `app.startAllMicroservices()` then begins delivery. The filter has to be there before the handlers
 * are registered, which `connectMicroservice` would do at once.
 */
export function connectLogTransport(app: INestApplication, transport: LogTransport): INestMicroservice {
  const microservice = app.connectMicroservice({ strategy: transport }, { deferInitialization: true });
  microservice.useGlobalFilters(new HandlerErrorsFilter());
  if (!(microservice instanceof NestMicroservice)) throw new Error('Nest changed how it makes microservices');
  microservice.registerListeners();
  microservice.setIsInitialized(true);
  microservice.setIsInitHookCalled(true);
  return microservice;
}
