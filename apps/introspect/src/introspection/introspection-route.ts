import type { FastifyInstance } from 'fastify';
import type { IntrospectionEndpoint } from './introspection.endpoint.js';
import type { PendingVerdicts } from './pending-verdicts.js';

/** On Fastify itself: Nest's way to a controller is left out for its cost (docs/decisions/0029). */
export function installIntrospection(fastify: FastifyInstance, endpoint: IntrospectionEndpoint, pending: PendingVerdicts): void {
  fastify.post('/introspect', { onSend: pending.judgeAgain }, (request, reply) => endpoint.answer(request, reply));
}
