import type { IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ServiceName } from '#libs/contracts';
import { Readiness } from '../readiness.js';
import { InternalCallRefused, internalEndpointOf } from './internal-endpoint-of.js';
import { ServiceTokenRefused, ServiceTokens } from './service-tokens.js';

const callers = new WeakMap<IncomingMessage, ServiceName>();

/** Only a guarded request has a caller. */
export function callerOf(request: FastifyRequest): ServiceName {
  const caller = callers.get(request.raw);
  if (!caller) throw new Error('not an internal request');
  return caller;
}

@Injectable()
export class InternalGuard implements CanActivate {
  constructor(
    private readonly tokens: ServiceTokens,
    private readonly readiness: Readiness,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const endpoint = internalEndpointOf(context);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const caller = this.authenticate(request.headers.authorization, endpoint.callee === 'any');
    if (!endpoint.callers.includes(caller)) throw new InternalCallRefused(403, 'forbidden', `${caller} may not call ${endpoint.path}`);
    if (!endpoint.beforeReady && !this.readiness.able) throw new InternalCallRefused(503, 'not_ready', 'not ready');
    callers.set(request.raw, caller);
    return true;
  }

  private authenticate(authorization: string | undefined, anyAudience: boolean): ServiceName {
    if (!authorization?.startsWith('Bearer ')) throw new InternalCallRefused(401, 'unauthorized', 'no service token');
    try {
      return this.tokens.verify(authorization.slice('Bearer '.length), { anyAudience });
    } catch (error) {
      if (error instanceof ServiceTokenRefused) throw new InternalCallRefused(401, 'unauthorized', `service token: ${error.message}`);
      throw error;
    }
  }
}
