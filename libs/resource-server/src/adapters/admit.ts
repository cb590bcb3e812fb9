import type { AccessToken } from '../access-token.js';
import { BearerError } from '../bearer-error.js';
import type { Requirements } from '../requirements.js';
import type { ResourceServer } from '../resource-server.js';

/** What a route needs: always the same, or by the request (its user, for one). */
export type Needs<R> = Requirements | ((request: R) => Requirements);

/** A request as every framework over node:http has it. */
export interface HttpRequest {
  readonly headers: { readonly authorization?: string | undefined };
}

/**
 * All that the adapters share: the token of the `Authorization` header and of no other place (RFC 6750 §2.1; §2.2 and §2.3 leak it into logs), or what to
 * answer instead. Anything else that goes wrong is thrown, and is a 500 of the framework's: never a yes.
 */
export async function admit<R extends HttpRequest>(
  server: ResourceServer,
  request: R,
  needs: Needs<R>,
): Promise<AccessToken | BearerError> {
  try {
    return await server.verify(request.headers.authorization, typeof needs === 'function' ? said(needs(request)) : needs);
  } catch (error) {
    if (error instanceof BearerError) return error;
    throw error;
  }
}

/** To `verify` nothing said is nothing needed; of a function it is a `return` that was forgotten. */
function said(needs: Requirements | undefined): Requirements {
  if (needs === undefined) throw new TypeError('the function that says what a request needs said nothing');
  return needs;
}
