import type { IncomingMessage } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';
import { ViewService } from '#libs/revocation-host';
import { claimsOf } from './admin.guard.js';
import type { AdminInputOf, AdminRouteDefinition } from './admin-route.js';
import { adminRouteOf } from './admin-route-of.js';
import { judgeLife } from './judge-token.js';
import { readInput } from './read-input.js';

const inputs = new WeakMap<IncomingMessage, AdminInputOf<AdminRouteDefinition>>();

export function inputOf(request: FastifyRequest): AdminInputOf<AdminRouteDefinition> {
  const input = inputs.get(request.raw);
  if (!input) throw new Error('not an admin request');
  return input;
}

/**
 * After the guard: reads the input, whether the handler asks for it or not (an unknown member must not pass because nobody looked), and holds
 * the answer to its schema. What was read is judged once more as it is sent; what was changed is changed, and said.
 */
@Injectable()
export class AdminInterceptor implements NestInterceptor {
  constructor(private readonly views: ViewService) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const route = adminRouteOf(context);
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    inputs.set(request.raw, readInput(route, request));
    return next.handle().pipe(
      map((answer: unknown) => {
        if (route.method === 'GET') judgeLife(claimsOf(request), this.views.view);
        return route.response.parse(answer ?? {});
      }),
    );
  }
}
