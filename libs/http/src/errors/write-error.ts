import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../log.js';
import { listenerOf, routeOf } from '../request-facts.js';
import { type Problem, problemOf } from './problem.js';

/** Lets a service answer some routes its own way (auth: pages). Returns true when it has answered. */
export type ErrorWriter = (problem: Problem, request: FastifyRequest, reply: FastifyReply) => boolean;

/** Answers with the OAuth error JSON (RFC 6749 §5.2), the same for every route, also where no controller was reached. */
export function writeError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  using: { log: Log; realm: string; own?: ErrorWriter },
): void {
  const problem = problemOf(error, { json: (request.routeOptions.config as { json?: boolean } | undefined)?.json === true });
  record(problem, error, request, using.log);
  if (reply.sent) return;
  reply.code(problem.status);
  reply.header('cache-control', 'no-store');
  reply.header('pragma', 'no-cache');
  for (const [name, value] of Object.entries(problem.headers)) reply.header(name, value);
  if (problem.code === 'invalid_client' && problem.status === 401 && !reply.hasHeader('www-authenticate')) {
    reply.header('www-authenticate', `Basic realm="${using.realm}", charset="UTF-8"`);
  }
  if (using.own?.(problem, request, reply)) return;
  reply.type('application/json; charset=utf-8').send(JSON.stringify({ error: problem.code, error_description: problem.description }));
}

function record(problem: Problem, error: unknown, request: FastifyRequest, log: Log): void {
  const fields = {
    status: problem.status,
    error: problem.code,
    method: request.method,
    route: routeOf(request) ?? '-',
    listener: listenerOf(request),
    detail: problem.detail,
    request_id: request.id,
  };
  if (problem.unexpected) log.error('request failed', fields, error);
  else if (problem.status >= 500) log.warn('request not served', fields);
  else log.debug('request refused', fields);
}
