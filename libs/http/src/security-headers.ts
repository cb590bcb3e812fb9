import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Set before anything answers, so that errors carry them too. Answers of an authorization server are not to be cached unless an
 * endpoint says otherwise (RFC 6749 §5.1); pages replace the policy by their own.
 */
export function setFirstHeaders(request: FastifyRequest, reply: FastifyReply, https: boolean): void {
  reply.header('x-request-id', request.id);
  reply.header('cache-control', 'no-store');
  reply.header('x-content-type-options', 'nosniff');
  reply.header('referrer-policy', 'no-referrer');
  reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'");
  if (https) reply.header('strict-transport-security', 'max-age=31536000');
}
