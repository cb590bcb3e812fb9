import type { FastifyInstance } from 'fastify';
import { routeOf } from './request-facts.js';

export interface CorsPolicy {
  /** Route patterns that `browser` clients call from script. Never the authorization endpoint (RFC 9700 §2.6). */
  readonly paths: readonly string[];
  readonly allowed: (origin: string) => Promise<boolean>;
}

const METHODS = 'GET, POST';
const REQUEST_HEADERS = 'Authorization, Content-Type, DPoP, X-Request-Id';
const EXPOSED_HEADERS = 'WWW-Authenticate, DPoP-Nonce, X-Request-Id, Retry-After';

/**
 * No wildcard and no credentials: cookies play no part at these endpoints. An origin that isn't allowed gets an answer without
 * CORS headers, so its script can't read it. If the resolver can't say, the answer is no.
 */
export function installCors(fastify: FastifyInstance, policy: CorsPolicy): void {
  const paths = new Set(policy.paths);
  fastify.addHook('onRequest', async (request, reply) => {
    const route = routeOf(request);
    if (!route || !paths.has(route)) return;
    reply.header('vary', 'Origin');
    const origin = request.headers.origin;
    if (!origin || origin === 'null' || !(await policy.allowed(origin).catch(() => false))) return;
    reply.header('access-control-allow-origin', origin);
    reply.header('access-control-expose-headers', EXPOSED_HEADERS);
    if (request.method !== 'OPTIONS') return;
    reply.header('access-control-allow-methods', METHODS);
    reply.header('access-control-allow-headers', REQUEST_HEADERS);
    reply.header('access-control-max-age', '600');
  });
  for (const path of paths) fastify.options(path, async (_request, reply) => reply.code(204).send());
}
