import type { ExecutionContext } from '@nestjs/common';
import type { AdminRouteDefinition } from './admin-route.js';

export const ADMIN_ROUTE = Symbol('ADMIN_ROUTE');

export function adminRouteOf(context: ExecutionContext): AdminRouteDefinition {
  const route: unknown = Reflect.getMetadata(ADMIN_ROUTE, context.getHandler());
  if (!route) throw new Error(`${context.getClass().name}.${context.getHandler().name} is not an @AdminRoute`);
  return route as AdminRouteDefinition;
}
