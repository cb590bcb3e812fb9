import type { Type } from '@nestjs/common';
import { z } from 'zod';
import type { ServiceName } from '#libs/contracts';
import { JSON_ONLY } from '#libs/http';
import { ADMIN_SCOPES, ERRORS } from '#libs/protocol';
import type { AdminRouteDefinition } from './admin-route.js';
import { ADMIN_ROUTE } from './admin-route-of.js';

export interface OpenApiDocument {
  openapi: '3.1.0';
  [member: string]: unknown;
}

export interface OpenApiOptions {
  service: ServiceName;
  controllers: readonly Type[];
  /** The service's public base URL; left out of the document that is checked in. */
  server?: string;
  tokenUrl?: string;
}

type Json = Record<string, unknown>;
const SCHEME = 'admin';

/** OpenAPI 3.1, made of the declarations that serve the routes: it cannot say anything else than they do. */
export function openApiOf({ service, controllers, server, tokenUrl = '/token' }: OpenApiOptions): OpenApiDocument {
  const routes = controllers.flatMap(routesOf);
  const paths: Record<string, Json> = {};
  for (const { route, name } of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operationOf(route, name);
    paths[route.path] = path;
  }
  const scopes = Object.fromEntries([...new Set(routes.map(({ route }) => route.scope))].map((scope) => [scope, ADMIN_SCOPES[scope]]));
  return {
    openapi: '3.1.0',
    info: {
      title: `Lanyard admin API: ${service}`,
      version: '1',
      description:
        'Times are milliseconds since the epoch, by the database clock. Called with a client_credentials token. Another method of a path is answered with 405.',
    },
    ...(server ? { servers: [{ url: server }] } : {}),
    paths,
    components: {
      securitySchemes: { [SCHEME]: { type: 'oauth2', flows: { clientCredentials: { tokenUrl, scopes } } } },
      schemas: { Error: jsonSchema(z.object({ error: z.string(), error_description: z.string() }), 'output') },
      responses: responses(),
    },
  };
}

function routesOf(controller: Type): { route: AdminRouteDefinition; name: string }[] {
  const handlers = controller.prototype as Record<string, unknown>;
  return Object.getOwnPropertyNames(handlers).flatMap((name) => {
    const handler = name === 'constructor' ? undefined : handlers[name];
    const route: unknown = typeof handler === 'function' ? Reflect.getMetadata(ADMIN_ROUTE, handler) : undefined;
    return route
      ? [{ route: route as AdminRouteDefinition, name: `${controller.name.replaceAll(/^Admin|Controller$/g, '')}.${name}` }]
      : [];
  });
}

const ACCEPTED = 'Committed. The session service could not be told; the log tells it, and all of it is in effect within the bound.';

function operationOf(route: AdminRouteDefinition, name: string): Json {
  const parameters = [...parametersOf('path', route.params), ...parametersOf('query', route.query)];
  return {
    operationId: name,
    summary: route.summary,
    security: [{ [SCHEME]: [route.scope] }],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(takesBody(route) ? { requestBody: { required: true, content: json(jsonSchema(route.body, 'input')) } } : {}),
    responses: {
      [route.status]: { description: 'Done.', content: json(jsonSchema(route.response, 'output')) },
      ...(route.onlyAccepted ? { 202: { description: ACCEPTED, content: json(jsonSchema(route.response, 'output')) } } : {}),
      ...Object.fromEntries(refusalsOf(route).map(([status]) => [status, { $ref: `#/components/responses/${status}` }])),
    },
  };
}

function takesBody({ method, body }: AdminRouteDefinition): boolean {
  return method !== 'GET' && !(body instanceof z.ZodObject && Object.keys(body.shape).length === 0);
}

function parametersOf(place: 'path' | 'query', schema: z.ZodObject): Json[] {
  const { properties = {}, required = [] } = jsonSchema(schema, 'input') as { properties?: Record<string, Json>; required?: string[] };
  return Object.entries(properties).map(([name, { description, ...type }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description ? { description } : {}),
    schema: type,
  }));
}

const REFUSALS = [
  [400, ERRORS.invalid_request.description],
  [401, ERRORS.invalid_token.description],
  [403, ERRORS.insufficient_scope.description],
  [404, ERRORS.not_found.description],
  [409, ERRORS.conflict.description],
  [413, ERRORS.request_too_large.description],
  [415, JSON_ONLY],
  [500, ERRORS.server_error.description],
  [503, ERRORS.temporarily_unavailable.description],
] as const;

const OTHER_METHOD = [405, ERRORS.method_not_allowed.description] as const;

/** Where no body is read, none can be of a wrong type. */
function refusalsOf({ method }: AdminRouteDefinition) {
  return REFUSALS.filter(([status]) => status !== 415 || method !== 'GET');
}

function responses(): Json {
  const content = json({ $ref: '#/components/schemas/Error' });
  return Object.fromEntries([...REFUSALS, OTHER_METHOD].map(([status, description]) => [status, { description, content }]));
}

function json(schema: unknown): Json {
  return { 'application/json': { schema } };
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}
