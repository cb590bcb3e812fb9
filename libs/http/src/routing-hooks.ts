import { performance } from 'node:perf_hooks';
import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Log } from './log.js';
import { runWithRequestId } from './request-context.js';
import { listenerOf, rememberAddress } from './request-facts.js';
import { setSecurityHeaders } from './security-headers.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** The hooks every request of either listener passes before anything else. */
export function installRoutingHooks(
  fastify: FastifyInstance,
  using: { proxies: TrustedProxies; https: boolean; log: Log; draining: () => boolean; requestContext: boolean },
): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    setSecurityHeaders(reply, using.https);
    rememberAddress(request, using.proxies);
    if (!belongsHere(request)) return done(new NotFoundException());
    if (using.requestContext) runWithRequestId(request.id, done);
    else done();
  });
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (using.draining()) reply.header('connection', 'close');
    done(null, payload);
  });
  const started = new WeakMap<object, number>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    started.set(request.raw, performance.now());
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const ms = Math.round((performance.now() - (started.get(request.raw) ?? performance.now())) * 10) / 10;
    using.log.debug('answered', {
      method: request.method,
      route: request.routeOptions.url ?? '-',
      status: reply.statusCode,
      ms,
      listener: listenerOf(request),
      request_id: request.id,
    });
    done();
  });
}

/**
 * `/internal/*` exists on the internal listener only, which has nothing else but health. Judged by the matched route, not by the
 * URL: the router decodes percent-encoding, a prefix check on the raw URL would not.
 */
function belongsHere(request: FastifyRequest): boolean {
  const route = request.routeOptions.url;
  if (!route) return true;
  if (route.startsWith('/health/')) return true;
  return route.startsWith('/internal/') === (listenerOf(request) === 'internal');
}
