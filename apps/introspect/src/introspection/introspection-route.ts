import type { FastifyInstance } from 'fastify';
import type { HttpApp } from '#libs/http';
import type { IntrospectionEndpoint } from './introspection.endpoint.js';
import type { PendingVerdicts } from './pending-verdicts.js';

const PATH = '/introspect';

/** The usual request, ahead of Fastify (docs/decisions/0032). */
export function shortenIntrospection(http: HttpApp, endpoint: IntrospectionEndpoint): void {
  http.shorten({ path: PATH, answer: (request, form) => endpoint.atOnce(request, form) });
}

/** On Fastify itself: Nest's way to a controller is left out for its cost (docs/decisions/0029). */
export function installIntrospection(fastify: FastifyInstance, endpoint: IntrospectionEndpoint, pending: PendingVerdicts): void {
  fastify.post(PATH, { onSend: pending.judgeAgain }, (request, reply) => endpoint.answer(request, reply));
}
