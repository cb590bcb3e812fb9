import { HttpException } from '@nestjs/common';
import { isUnavailable } from '#libs/database';
import { ERRORS, type ErrorName, OAuthError } from '#libs/protocol';
import { JSON_ONLY } from '../forms/read.js';
import { InternalCallError } from '../internal/internal-call-error.js';
import { InternalCallRefused, InternalRequestInvalid } from '../internal/internal-endpoint-of.js';

/** An error as it leaves: what the client is told, and what only the log is told. */
export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly description: string;
  readonly headers: Readonly<Record<string, string>>;
  /** For the log. */
  readonly detail: string | null;
  /** Nobody foresaw it: a defect of ours, logged with its stack. */
  readonly unexpected: boolean;
}

const RETRY_AFTER = { 'retry-after': '1' };

/** The one place where an error becomes a status. What is not known here is a defect and says nothing of itself. */
export function problemOf(error: unknown, at: { json: boolean } = { json: false }): Problem {
  if (error instanceof OAuthError) {
    const { status, code, publicDescription: description, headers } = error;
    return { status, code, description, headers, detail: error.detail ?? null, unexpected: error.catalogueName === 'server_error' };
  }
  if (error instanceof InternalRequestInvalid) {
    return { ...problem('invalid_request'), description: `${error.place}: ${error.message}`, detail: error.message };
  }
  if (error instanceof InternalCallRefused) return refusedCall(error);
  if (error instanceof InternalCallError)
    return problem(error.kind === 'unavailable' ? 'temporarily_unavailable' : 'server_error', error.message);
  if (isUnavailable(error)) return problem('temporarily_unavailable', messageOf(error));
  if (error instanceof HttpException) return ofStatus(error.getStatus(), error.message, at);
  return ofFastify(error, at) ?? problem('server_error', messageOf(error));
}

/**
 * Fastify's own refusals: bodies, media types, URLs. Errors of ours that happen to have a statusCode are none of them. Their code is
 * told, never their message: it repeats the URL or the header, and a token may be in it.
 */
function ofFastify(error: unknown, at: { json: boolean }): Problem | null {
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown };
  if (typeof code !== 'string' || !code.startsWith('FST_ERR_') || typeof statusCode !== 'number' || statusCode >= 500) return null;
  return ofStatus(statusCode, code, at);
}

const BY_STATUS: Readonly<Record<number, ErrorName>> = {
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'request_too_large',
  414: 'request_too_large',
  429: 'too_many_requests',
  503: 'temporarily_unavailable',
};

function ofStatus(status: number, detail: string, { json }: { json: boolean }): Problem {
  if (status === 415 && json) return { ...problem('unsupported_content', detail), description: JSON_ONLY };
  // RFC 6749 §5.2 knows invalid_request with 400 only: a client that sends JSON must be able to read why.
  if (status === 415) return { ...problem('invalid_request', detail), description: ERRORS.unsupported_content.description };
  const known = BY_STATUS[status];
  if (known) return problem(known, detail);
  return problem(status >= 500 ? 'server_error' : 'invalid_request', detail);
}

function refusedCall(error: InternalCallRefused): Problem {
  const { status, code, message: description } = error;
  return { status, code, description, headers: status === 503 ? RETRY_AFTER : {}, detail: description, unexpected: false };
}

function problem(name: ErrorName, detail: string | null = null): Problem {
  const { error: code, status, description } = ERRORS[name];
  return { status, code, description, headers: status === 503 ? RETRY_AFTER : {}, detail, unexpected: name === 'server_error' };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
