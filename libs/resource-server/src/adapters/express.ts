import type { AccessToken } from '../access-token.js';
import { BearerError } from '../bearer-error.js';
import type { ResourceServer } from '../resource-server.js';
import { admit, type HttpRequest, type Needs } from './admit.js';

declare global {
  namespace Express {
    interface Request {
      /** Behind `requireAccess`: what the request's access token says. */
      accessToken?: AccessToken;
    }
  }
}

interface Request extends HttpRequest {
  accessToken?: AccessToken;
}

/** What is needed of an answer: Node's own, so this is middleware for Express 4 and 5, and for everything of that shape. */
interface Response {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  end(body?: string): unknown;
}

/** Middleware: lets a request pass with `request.accessToken`, or answers as RFC 6750 says. */
export function requireAccess<R extends Request = Request>(server: ResourceServer, needs: Needs<R> = {}) {
  return (request: R, response: Response, next: (error?: unknown) => void): void => {
    const settled = (admitted: AccessToken | BearerError) => {
      if (admitted instanceof BearerError) return refuse(response, admitted);
      request.accessToken = admitted;
      next();
    };
    admit(server, request, needs).then(settled).catch(next);
  };
}

function refuse(response: Response, { status, headers, body }: BearerError): void {
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (body) response.setHeader('content-type', 'application/json');
  response.end(body && JSON.stringify(body));
}
