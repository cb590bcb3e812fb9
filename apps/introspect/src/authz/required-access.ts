import type { FastifyRequest } from 'fastify';
import { queryOf } from '#libs/http';
import { oauthError } from '#libs/protocol';

/** What a gateway asks of the token in front of one route. */
export interface RequiredAccess {
  readonly scopes: readonly string[];
  /** The API behind the gateway. A gateway before several names it, or a token for one of them opens the others. */
  readonly audiences: readonly string[];
}

/** RFC 6749 §3.3. It is repeated in a quoted string of the challenge. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const AUDIENCE = /^[\x21-\x7e]+$/;
const SCOPE_HEADER = 'lanyard-required-scope';
const AUDIENCE_HEADER = 'lanyard-required-audience';

/**
 * From the query of `/authz` and from two headers, added up: who can set one of them can only ask for more. Below `/authz/` the query is the one
 * that the gateway's client sent (Envoy appends the whole path), so there it counts for nothing.
 */
export function requiredAccess(request: FastifyRequest, queryIsTheGateways: boolean): RequiredAccess {
  const query = queryIsTheGateways ? queryOf(request, { repeatable: ['scope'] }) : null;
  const scopes = [...(query?.getAll('scope') ?? []), headerOf(request, SCOPE_HEADER)].flatMap(words);
  const audiences = [...(query?.getAll('audience') ?? []), headerOf(request, AUDIENCE_HEADER)].flatMap(words);
  if (!scopes.every((scope) => SCOPE.test(scope)) || !audiences.every((audience) => AUDIENCE.test(audience))) {
    throw oauthError('invalid_request', { description: 'a scope or an audience has a character that none has' });
  }
  return { scopes: [...new Set(scopes)], audiences };
}

function headerOf(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}
