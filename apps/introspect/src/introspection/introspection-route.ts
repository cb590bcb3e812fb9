import type { FastifyInstance } from 'fastify';
import type { IntrospectionEndpoint } from './introspection.endpoint.js';
import type { PendingVerdicts } from './pending-verdicts.js';

/** On Fastify itself: Nest's way to a controller costs as much again as all that an introspection does (docs/decisions/0029). */
export function installIntrospection(fastify: FastifyInstance, endpoint: IntrospectionEndpoint, pending: PendingVerdicts): void {
  fastify.post('/introspect', { onSend: pending.judgeAgain }, (request, reply) => endpoint.answer(request, reply));
}
