import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { oauthError } from '#libs/protocol';
import { type ParameterRules, Parameters } from './parameters.js';

export const FORM_TYPE = 'application/x-www-form-urlencoded';

/** A form as the content type parser left it: decoded from UTF-8, not yet split. */
export class RawForm {
  constructor(readonly text: string) {}
}

export function formOf(request: FastifyRequest, rules?: ParameterRules): Parameters {
  const body = request.body;
  if (body instanceof RawForm) return Parameters.parse(body.text, rules);
  throw oauthError('invalid_request', { description: `the body must be ${FORM_TYPE}` });
}

export const JSON_ONLY = 'The content type must be application/json.';

/** The body of a route that takes JSON; none is an empty object. */
export function jsonOf(request: FastifyRequest): unknown {
  if (request.body instanceof RawForm) throw oauthError('unsupported_content', { description: JSON_ONLY });
  return request.body ?? {};
}

export function queryOf(request: FastifyRequest, rules?: ParameterRules): Parameters {
  const url = request.raw.url ?? '';
  const start = url.indexOf('?');
  if (start === -1) return Parameters.EMPTY;
  const query = url.slice(start + 1);
  // Raw bytes beyond ASCII reach us as Latin-1: what they meant can't be known (RFC 3986 §2 wants them encoded).
  if (/[^\x21-\x7e]/.test(query)) throw oauthError('invalid_request', { description: 'the query is not percent-encoded' });
  return Parameters.parse(query, rules);
}

/** `@Form() form: Parameters`: the strict reading. Endpoints that must judge duplicates themselves use `formOf`. */
export const Form = createParamDecorator((rules: ParameterRules | undefined, context: ExecutionContext) =>
  formOf(context.switchToHttp().getRequest<FastifyRequest>(), rules),
);

/** `@Query() query: Parameters`, our own in place of Nest's: Fastify's lenient parser is switched off. */
export const Query = createParamDecorator((rules: ParameterRules | undefined, context: ExecutionContext) =>
  queryOf(context.switchToHttp().getRequest<FastifyRequest>(), rules),
);
