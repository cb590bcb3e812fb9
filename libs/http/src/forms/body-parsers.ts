import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { oauthError } from '#libs/protocol';
import { FORM_TYPE, RawForm } from './read.js';

/** Public bodies are small: a form of any endpoint fits many times over. */
export const PUBLIC_BODY_LIMIT = 64 * 1024;
/** Internal bodies carry at most a thousand revocation entries. */
export const INTERNAL_BODY_LIMIT = 1024 * 1024;

/**
 * Only two body types exist: forms on public routes, JSON on internal ones (and on public routes that say `config: { json: true }`).
 * Fastify's own parsers are gone, so there is no second, more lenient path.
 */
export function installBodyParsers(fastify: FastifyInstance): void {
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    FORM_TYPE,
    { parseAs: 'buffer', bodyLimit: PUBLIC_BODY_LIMIT },
    (request: FastifyRequest, body: Buffer, done) => {
      try {
        done(null, formIn(request, body));
      } catch (error) {
        done(error as Error);
      }
    },
  );
  fastify.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer', bodyLimit: INTERNAL_BODY_LIMIT },
    async (request: FastifyRequest, body: Buffer) => {
      const { url, config } = request.routeOptions;
      const internal = url?.startsWith('/internal/') ?? false;
      const { json: asked, jsonLimit = PUBLIC_BODY_LIMIT } = config as { json?: boolean; jsonLimit?: number };
      const json = internal || asked === true;
      if (!json) throw oauthError('invalid_request', { description: `the body must be ${FORM_TYPE}` });
      if (!internal && body.length > jsonLimit) throw oauthError('request_too_large');
      return parseJson(bodyText(body));
    },
  );
}

function formIn(request: FastifyRequest, body: Buffer): RawForm {
  if (request.headers['content-encoding']) throw oauthError('invalid_request', { description: 'encoded bodies are not accepted' });
  return new RawForm(bodyText(body));
}

/** Throws for what is no UTF-8. */
export function bodyText(body: Buffer): string {
  if (!isUtf8(body)) throw oauthError('invalid_request', { description: 'the body is not valid UTF-8' });
  return body.toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    // `__proto__` as an own key is dropped; zod reads known keys only.
    return JSON.parse(text, (key, value: unknown) => (key === '__proto__' ? undefined : value));
  } catch {
    throw oauthError('invalid_request', { description: 'the body is not valid JSON' });
  }
}
