import {
  applyDecorators,
  createParamDecorator,
  type ExecutionContext,
  HttpCode,
  Post,
  SetMetadata,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { InternalEndpoint, ServiceName } from '#libs/contracts';
import { unstorableAt } from '#libs/protocol';
import { callerOf, InternalGuard } from './internal.guard.js';
import { INTERNAL_ENDPOINT, InternalRequestInvalid, internalEndpointOf } from './internal-endpoint-of.js';
import { InternalResponseInterceptor } from './internal-response.interceptor.js';

/** What a handler receives: the request after the schema filled in its defaults. */
export type InternalRequest<E extends InternalEndpoint> = z.output<E['request']>;

/**
 * Serves one endpoint of the internal API on the internal listener: service token, the route's callers, readiness, the request's
 * and the answer's schema. The controller has no path of its own: `@Controller()`.
 */
export function Internal(endpoint: InternalEndpoint): MethodDecorator {
  return applyDecorators(
    SetMetadata(INTERNAL_ENDPOINT, endpoint),
    Post(endpoint.path),
    HttpCode(200),
    UseGuards(InternalGuard),
    UseInterceptors(InternalResponseInterceptor),
  );
}

/** The validated body. */
export const InternalBody = createParamDecorator((_: unknown, context: ExecutionContext): unknown => {
  const { body } = context.switchToHttp().getRequest<FastifyRequest>();
  const unstorable = unstorableAt(body);
  if (unstorable) throw new InternalRequestInvalid({ path: unstorable, message: 'expected text without NUL and unpaired surrogates' });
  const parsed = internalEndpointOf(context).request.safeParse(body);
  if (!parsed.success) throw new InternalRequestInvalid(parsed.error.issues[0]);
  return parsed.data;
});

/** The service that called. */
export const InternalCaller = createParamDecorator(
  (_: unknown, context: ExecutionContext): ServiceName => callerOf(context.switchToHttp().getRequest<FastifyRequest>()),
);
