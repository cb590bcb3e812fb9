import { ERRORS } from '#libs/protocol';
import { code, page, table } from './markdown.js';

export function errorsPage(): string {
  const rows = Object.values(ERRORS).map(({ error, status, spec, description }) => [code(error), String(status), spec, description]);
  return page('Errors', 'libs/protocol (error-catalogue.ts)', [
    'Every error a client can meet: the code on the wire, the status of a direct answer, where it is specified, and the fixed description. An endpoint may say more in the description, never what the requester sent, except the scope that is refused. By redirect (authorization endpoint) only code and description travel, with `state` and `iss`.',
    'A 503 comes with `Retry-After` and may be repeated: what can’t be checked is refused, never guessed. A 429 says how long to wait.',
    table(['error', 'status', 'specification', 'description'], rows),
  ]);
}
