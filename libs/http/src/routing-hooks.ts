import type { IncomingMessage } from 'node:http';
import { NotFoundException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { oauthError, unavailable } from '#libs/protocol';
import type { AnswerTimes } from './answer-times.js';
import type { Log } from './log.js';
import { isOnlyAccepted } from './only-accepted.js';
import { runWithRequestId } from './request-context.js';
import { listenerOf, rememberAddress, routeOf } from './request-facts.js';
import { setFirstHeaders } from './security-headers.js';
import type { TrustedProxies } from './trusted-proxies.js';

/** The hooks every request of either listener passes before anything else. */
export function installRoutingHooks(
  fastify: FastifyInstance,
  using: {
    proxies: TrustedProxies;
    https: boolean;
    log: Log;
    times: AnswerTimes;
    draining: () => boolean;
    heldBack: () => string | null;
    requestContext: boolean;
  },
): void {
  fastify.decorateRequest('matchedRoute', null);
  fastify.addHook('onRequest', (request, reply, done) => {
    request.matchedRoute = request.routeOptions.url ?? null;
    setFirstHeaders(request, reply, using.https);
    rememberAddress(request, using.proxies);
    if (authorizesTwice(request.raw))
      return done(oauthError('invalid_request', { description: 'The Authorization header was sent twice.' }));
    if (!belongsHere(request)) return done(new NotFoundException());
    if (using.requestContext) runWithRequestId(request.id, done);
    else done();
  });
  // After every other onRequest hook: an answer that a browser's script may read has its CORS headers by now, and a preflight is answered as ever.
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const reason = isPublic(request) && request.method !== 'OPTIONS' ? using.heldBack() : null;
    if (reason === null) done(null, payload);
    else done(unavailable(`not set up yet: ${reason}`));
  });
  fastify.addHook('onSend', (request, reply, payload, done) => {
    if (reply.statusCode === 200 && isOnlyAccepted(request)) reply.code(202);
    if (using.draining()) reply.header('connection', 'close');
    done(null, payload);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const ms = reply.elapsedTime;
    const answer = { listener: listenerOf(request), method: request.method, route: routeOf(request) ?? '-', status: reply.statusCode };
    using.times.observe(answer, ms);
    if (using.log.writes('debug')) using.log.debug('answered', { ...answer, ms: Math.round(ms * 10) / 10, request_id: request.id });
    done();
  });
}

/** Node keeps the first of several and drops the others without a word; a proxy before us may have judged another one. */
export function authorizesTwice(raw: Pick<IncomingMessage, 'rawHeaders'>): boolean {
  let seen = 0;
  for (let index = 0; index < raw.rawHeaders.length; index += 2) {
    const name = raw.rawHeaders[index];
    if (name?.length === 'authorization'.length && name.toLowerCase() === 'authorization') seen++;
  }
  return seen > 1;
}

/** Health says what is wrong, so it is answered; the internal listener's calls are refused by their guard. */
function isPublic(request: FastifyRequest): boolean {
  return listenerOf(request) === 'public' && !routeOf(request)?.startsWith('/health/');
}

/**
 * `/internal/*` and `/metrics` exist on the internal listener only, which has nothing else but health. Judged by the matched route, not by the
 * URL: the router decodes percent-encoding, a prefix check on the raw URL would not.
 */
function belongsHere(request: FastifyRequest): boolean {
  const route = routeOf(request);
  if (!route) return true;
  if (route.startsWith('/health/')) return true;
  return (route === '/metrics' || route.startsWith('/internal/')) === (listenerOf(request) === 'internal');
}
