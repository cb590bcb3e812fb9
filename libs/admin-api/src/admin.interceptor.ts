import type { IncomingMessage } from 'node:http';
import { type CallHandler, type ExecutionContext, Injectable, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { answerOnlyAccepted } from '#libs/http';
import { ViewService } from '#libs/revocation-host';
import { claimsOf } from './admin.guard.js';
import { type AdminCall, runAdminCall } from './admin-call.js';
import type { AdminInputOf, AdminRouteDefinition } from './admin-route.js';
import { adminRouteOf } from './admin-route-of.js';
import { AuditCalls, actorOf } from './audit-calls.js';
import { judgeLife } from './judge-token.js';
import { readInput } from './read-input.js';

const inputs = new WeakMap<IncomingMessage, AdminInputOf<AdminRouteDefinition>>();

export function inputOf(request: FastifyRequest): AdminInputOf<AdminRouteDefinition> {
  const input = inputs.get(request.raw);
  if (!input) throw new Error('not an admin request');
  return input;
}

/**
 * After the guard: reads the input, whether the handler asks for it or not (an unknown member must not pass because nobody looked), holds
 * the answer to its schema, and sees to it that the call is audited, refused or not. What was read is judged once more as it is sent; what was
 * changed is changed, and said.
 */
@Injectable()
export class AdminInterceptor implements NestInterceptor {
  constructor(
    private readonly views: ViewService,
    private readonly audit: AuditCalls,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return from(this.answer(context, next));
  }

  private async answer(context: ExecutionContext, next: CallHandler): Promise<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const call: AdminCall = { actor: actorOf(claimsOf(request)), rows: [] };
    try {
      const answer = await runAdminCall(call, () => this.handle(context, request, next));
      await this.audit.called(context, call);
      if (adminRouteOf(context).method === 'GET') judgeLife(claimsOf(request), this.views.view);
      return answer;
    } catch (error) {
      await this.audit.refused(context, call.actor, error);
      throw error;
    }
  }

  private async handle(context: ExecutionContext, request: FastifyRequest, next: CallHandler): Promise<unknown> {
    const route = adminRouteOf(context);
    inputs.set(request.raw, readInput(route, request));
    const answer: unknown = await lastValueFrom(next.handle(), { defaultValue: undefined });
    const checked = route.response.parse(answer ?? {}) as Record<string, unknown>;
    if (route.onlyAccepted?.(checked)) answerOnlyAccepted(request);
    return checked;
  }
}
