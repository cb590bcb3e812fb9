import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { TrustedProxies } from './trusted-proxies.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The pattern that the router matched, kept by the first hook: `routeOptions` is made anew each time it is asked for. */
    matchedRoute: string | null;
  }
}

/** What the boundary knows of a request that its headers alone don't say. */
export type Listener = 'public' | 'internal';

const internalSockets = new WeakSet<Socket>();
/** One connection has one address: working it out costs as much as opening a token. */
const addresses = new WeakMap<Socket, string>();
const forwarded = new WeakMap<IncomingMessage, string>();
const REQUEST_ID = /^[A-Za-z0-9._-]{1,64}$/;

export function markInternal(socket: Socket): void {
  internalSockets.add(socket);
}

/** Which of the two listeners accepted the connection. Nothing a client sends can change it. */
export function listenerOf(request: FastifyRequest): Listener {
  return internalSockets.has(request.raw.socket) ? 'internal' : 'public';
}

/** Never the URL, which anybody can make up; null where no route matched. */
export function routeOf(request: FastifyRequest): string | null {
  return request.matchedRoute;
}

export function requestIdOf(request: FastifyRequest): string {
  return request.id;
}

/**
 * A sane `x-request-id` of a trusted proxy or of another service is kept, so that its logs and ours can be joined. Anybody else's is
 * replaced, whatever it looks like: it is written into every log line, and a token or a code is of its shape as well.
 */
export function makeRequestId(raw: Pick<IncomingMessage, 'headers' | 'socket'>, proxies: TrustedProxies): string {
  const sent = raw.headers['x-request-id'];
  if (typeof sent !== 'string' || !REQUEST_ID.test(sent)) return randomUUID();
  const known = internalSockets.has(raw.socket) || proxies.trusts(raw.socket.remoteAddress ?? '');
  return known ? sent : randomUUID();
}

export function rememberAddress(request: FastifyRequest, proxies: TrustedProxies): void {
  const { socket } = request.raw;
  // while it is connected: afterwards it has none
  if (!addresses.has(socket)) addresses.set(socket, proxies.clientOf(socket.remoteAddress ?? '', undefined));
  const via = request.headers['x-forwarded-for'];
  if (via !== undefined) forwarded.set(request.raw, proxies.clientOf(socket.remoteAddress ?? '', via));
}

/** The address throttles and the audit count by: the socket's, or what a trusted proxy says. */
export function clientAddress(request: FastifyRequest): string {
  const { raw } = request;
  return forwarded.get(raw) ?? addresses.get(raw.socket) ?? raw.socket.remoteAddress ?? 'unknown';
}
