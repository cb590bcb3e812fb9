import type { FastifyReply, FastifyRequest } from 'fastify';

const ALWAYS: readonly (readonly [string, string])[] = [
  ['cache-control', 'no-store'],
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"],
];
const OVER_HTTPS: readonly (readonly [string, string])[] = [...ALWAYS, ['strict-transport-security', 'max-age=31536000']];

/**
 * Set before anything answers, so that errors carry them too. Answers of an authorization server are not to be cached unless an
 * endpoint says otherwise (RFC 6749 §5.1); pages replace the policy by their own.
 */
export function setFirstHeaders(request: FastifyRequest, reply: FastifyReply, https: boolean): void {
  reply.header('x-request-id', request.id);
  for (const [name, value] of https ? OVER_HTTPS : ALWAYS) reply.header(name, value);
}

/** The same for `writeHead`: names and values in turn, without the request's id. */
export function firstHeaderList(https: boolean): readonly string[] {
  return (https ? OVER_HTTPS : ALWAYS).flat();
}
