import { MethodNotAllowedException, NotFoundException } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/**
 * Answered before the body is read. A known address asked with another method is 405 with `Allow` (RFC 9110 §15.5.6; RFC 9126 §2.3), not 404.
 */
export function refuseOtherMethods(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const [path = ''] = (request.raw.url ?? '').split('?', 1);
    // Internal addresses are not confirmed to exist by a 405.
    const allowed = path.startsWith('/internal/') ? [] : METHODS.filter((method) => fastify.hasRoute({ url: path, method }));
    if (allowed.length === 0) return done(new NotFoundException());
    reply.header('allow', allowed.join(', '));
    done(new MethodNotAllowedException());
  });
}
