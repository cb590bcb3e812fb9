import type { FastifyRequest } from 'fastify';

const marked = new WeakSet<object>();

/** RFC 9110 §15.3.3: what this request asked for is committed and will happen, and has not happened yet. Its 200 becomes 202; an error stays one. */
export function answerOnlyAccepted({ raw }: FastifyRequest): void {
  marked.add(raw);
}

export function isOnlyAccepted({ raw }: FastifyRequest): boolean {
  return marked.has(raw);
}
