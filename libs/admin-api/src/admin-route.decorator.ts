import {
  applyDecorators,
  createParamDecorator,
  Delete,
  type ExecutionContext,
  Get,
  HttpCode,
  Patch,
  Post,
  Put,
  SetMetadata,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { parseScope } from '#libs/protocol';
import { AdminGuard, claimsOf } from './admin.guard.js';
import { AdminInterceptor, inputOf } from './admin.interceptor.js';
import type { AdminMethod, AdminRouteDefinition } from './admin-route.js';
import { ADMIN_ROUTE } from './admin-route-of.js';
import { actorOf } from './audit-calls.js';

const METHODS: Record<AdminMethod, (path: string) => MethodDecorator> = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete };

/** Serves one route of the admin API on the public listener. The controller has no path of its own: `@Controller()`. */
// biome-ignore lint/suspicious/noExplicitAny: any route; its schemas are read, not called with a type
export function AdminRoute(route: AdminRouteDefinition<any, any, any>): MethodDecorator {
  return applyDecorators(
    SetMetadata(ADMIN_ROUTE, route),
    METHODS[route.method](route.path.replaceAll(/\{(\w+)\}/g, ':$1')),
    RouteConfig({ json: true, ...(route.bodyLimit ? { jsonLimit: route.bodyLimit } : {}) }),
    HttpCode(route.status),
    UseGuards(AdminGuard),
    UseInterceptors(AdminInterceptor),
  );
}

/** `@AdminInput() { params, query, body }: AdminInputOf<typeof route>`: what was sent, as the schemas read it. */
export const AdminInput = createParamDecorator((_: unknown, context: ExecutionContext) =>
  inputOf(context.switchToHttp().getRequest<FastifyRequest>()),
);

/** Who calls. `actor` is how the audit names it. */
export interface CallingClient {
  readonly clientId: string;
  readonly sub: string;
  readonly tokenId: string;
  readonly actor: `client:${string}`;
  /** Of the token: what the caller may hand on to others. */
  readonly scopes: readonly string[];
}

export const AdminCaller = createParamDecorator((_: unknown, context: ExecutionContext): CallingClient => {
  const claims = claimsOf(context.switchToHttp().getRequest<FastifyRequest>());
  const { client_id: clientId, sub, jti: tokenId, scope } = claims;
  return { clientId, sub, tokenId, actor: actorOf(claims), scopes: parseScope(scope) };
});
