import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { authApi, type InternalEndpoint, SERVICES, type ServiceName, sessionApi, tokenApi, viewApi } from '#libs/contracts';
import type { Schema } from './json-value.js';

/** One thing that can be asked. */
export interface Target {
  readonly kind: 'form' | 'query' | 'internal' | 'admin';
  readonly service: ServiceName;
  readonly method: string;
  readonly path: string;
  /** Form or query parameters; for JSON routes the query's. */
  readonly parameters: readonly string[];
  /** What the parameters of an admin route may be. */
  readonly query?: Readonly<Record<string, Schema>>;
  readonly body?: Schema;
  /** Who may call an internal route. */
  readonly callers: readonly ServiceName[];
}

const form = (service: ServiceName, path: string, ...parameters: string[]): Target => ({
  kind: 'form',
  service,
  method: 'POST',
  path,
  parameters,
  callers: [],
});
const query = (service: ServiceName, path: string, ...parameters: string[]): Target => ({
  ...form(service, path, ...parameters),
  kind: 'query',
  method: 'GET',
});

const AUTHORIZE = 'client_id redirect_uri response_type scope state nonce prompt max_age code_challenge code_challenge_method'.split(' ');
const MORE = 'response_mode id_token_hint login_hint ui_locales acr_values claims resource request request_uri display'.split(' ');
const LOGOUT = 'id_token_hint post_logout_redirect_uri state client_id logout_hint ui_locales'.split(' ');
const PAGES = ['', '/sessions', '/applications', '/password', '/activity', '/sign-in'];
const ACTIONS = 'sign-in sign-out sessions/end sessions/end-others sessions/end-all applications/revoke password'.split(' ');

const PUBLIC: readonly Target[] = [
  form('token', '/token', 'grant_type', 'code', 'code_verifier', 'redirect_uri', 'refresh_token', 'scope', 'resource', 'client_id'),
  form('token', '/token', 'grant_type', 'code', 'refresh_token', 'scope', 'client_id', 'client_secret', 'client_assertion'),
  form('token', '/revoke', 'token', 'token_type_hint', 'client_id'),
  form('introspect', '/introspect', 'token', 'token_type_hint', 'client_id'),
  form('auth', '/userinfo', 'access_token'),
  query('auth', '/userinfo', 'access_token'),
  query('auth', '/authorize', ...AUTHORIZE),
  query('auth', '/authorize', ...AUTHORIZE, ...MORE),
  form('auth', '/authorize', ...AUTHORIZE, ...MORE),
  query('auth', '/logout', ...LOGOUT),
  form('auth', '/logout', ...LOGOUT),
  query('auth', '/logout/{handle}', 'state'),
  form('auth', '/logout/{handle}', 'csrf', 'answer'),
  query('auth', '/interaction/{handle}'),
  ...['login', 'consent', 'cancel'].map((step) => form('auth', `/interaction/{handle}/${step}`, 'csrf', 'username', 'answer', 'scope')),
  ...PAGES.map((page) => query('auth', `/account${page}`, 'to', 'cursor', 'before', 'state')),
  ...ACTIONS.map((action) => form('auth', `/account/${action}`, 'csrf', 'sid', 'client_id', 'username', 'password', 'to')),
  query('auth', '/.well-known/openid-configuration', 'x'),
  query('auth', '/.well-known/oauth-authorization-server', 'x'),
  query('token', '/jwks', 'x'),
  query('session', '/health/live', 'x'),
  query('introspect', '/nowhere', 'x'),
];

function internal(): Target[] {
  const known: InternalEndpoint[] = [authApi, sessionApi, tokenApi, viewApi].flatMap((api) => Object.values<InternalEndpoint>(api));
  return known.flatMap((endpoint) => {
    const services = endpoint.callee === 'any' ? SERVICES : [endpoint.callee];
    const body = z.toJSONSchema(endpoint.request, { io: 'input', unrepresentable: 'any' }) as Schema;
    const { path, callers } = endpoint;
    return services.map((service): Target => ({ kind: 'internal', service, method: 'POST', path, parameters: [], body, callers }));
  });
}

interface Operation {
  readonly parameters?: readonly { name: string; in: string; schema?: Schema }[];
  readonly requestBody?: { content: Record<string, { schema: Schema }> };
}

function admin(): Target[] {
  return (['auth', 'session', 'token'] as const).flatMap((service) => {
    const text = readFileSync(join(__dirname, `../../docs/openapi/${service}.json`), 'utf8');
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { parameters = [], requestBody }]): Target => {
        const body = requestBody?.content['application/json']?.schema;
        const query = Object.fromEntries(parameters.filter((each) => each.in === 'query').map(({ name, schema = {} }) => [name, schema]));
        const names = Object.keys(query);
        const route = { service, method: method.toUpperCase(), path, parameters: names, query, callers: [] };
        return { kind: 'admin', ...route, ...(body ? { body } : {}) };
      }),
    );
  });
}

/** Everything that the four services answer: public, internal, admin. */
export function surface(): Target[] {
  return [...PUBLIC, ...internal(), ...admin()];
}
