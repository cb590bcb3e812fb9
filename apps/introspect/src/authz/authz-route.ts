import type { FastifyInstance } from 'fastify';
import type { PendingVerdicts } from '../introspection/pending-verdicts.js';
import type { AuthzEndpoint } from './authz.endpoint.js';

/** Envoy asks with the method of the request it holds; the others with GET. */
const ENVOYS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * `/authz` for gateways that have one address to ask (nginx, Traefik, Caddy), which take any 2xx. `/authz/…` for Envoy, which puts its
 * `path_prefix` before the path of the request it holds and takes 200 alone for a yes. Content types are those of the request that is asked
 * about, and no body is read: Node drops one that comes all the same.
 */
export function installAuthz(fastify: FastifyInstance, endpoint: AuthzEndpoint, pending: PendingVerdicts): void {
  const onSend = pending.judgeAgain;
  void fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null, undefined));
    scope.get('/authz', { onSend }, (request, reply) => endpoint.answer(request, reply, { yes: 204, queryIsTheGateways: true }));
    const envoys = { method: [...ENVOYS], url: '/authz/*', onSend };
    scope.route({ ...envoys, handler: (request, reply) => endpoint.answer(request, reply, { yes: 200, queryIsTheGateways: false }) });
  });
}
