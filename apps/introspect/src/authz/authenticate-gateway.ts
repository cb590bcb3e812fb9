import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Parameters } from '#libs/http';
import { OAuthError, oauthError, unavailable } from '#libs/protocol';
import { AuthenticateCaller } from '../callers/authenticate-caller.js';
import type { Caller } from '../introspection/may-introspect.js';

/** `Authorization` is the end user's. */
export const GATEWAY_HEADER = 'lanyard-gateway-authorization';

/**
 * The gateway proves itself as a resource server, by client_secret_basic in a header of its own. A gateway that can't is our operator's mistake and
 * none of the end user's: 401 would tell him that his token is bad, so it is 500, which every gateway takes for "not let in".
 */
@Injectable()
export class AuthenticateGateway {
  constructor(private readonly callers: AuthenticateCaller) {}

  of(request: FastifyRequest): Caller | Promise<Caller> {
    const shown = request.headers[GATEWAY_HEADER];
    if (typeof shown !== 'string') throw oauthError('gateway_not_authenticated', { detail: `no ${GATEWAY_HEADER}` });
    try {
      const caller = this.callers.of(request, Parameters.EMPTY, shown);
      return caller instanceof Promise ? caller.catch(notTheUsers) : caller;
    } catch (error) {
      throw asOurs(error);
    }
  }
}

function notTheUsers(error: unknown): never {
  throw asOurs(error);
}

function asOurs(error: unknown): unknown {
  if (!(error instanceof OAuthError) || error.status >= 500) return error;
  if (error.status === 429)
    return unavailable('too many failed authentications of this gateway', Number(error.headers['retry-after'] ?? 1));
  return oauthError('gateway_not_authenticated', { detail: error.detail ?? error.publicDescription });
}
